"""Learning a taste space from a log of likes, and measuring how well it ranks.

The modules, in order of use: `log` reads likes and items, `split` hides a part of them, `ease`
solves the model, `space` turns it into vectors for the server and stores them, `affinity` scores
as the server does, `baselines` and `metrics` are what it is compared with and by, `resp` and
`server` speak to a running Cairn. `train` and `movielens` are the two commands.
"""
