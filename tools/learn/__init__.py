"""Learning a taste space from a log of likes, and measuring how well it ranks.

The modules, in order of use: `environment` sees to numpy and scipy, `log` reads likes and items,
`split` hides a part of them, `matrix` lays them out, `ease` solves the model, `space` turns it into
vectors for the server and stores them, `affinity` scores as the server does, `baselines`,
`metrics` and `evaluation` are the comparison, `resp`, `server` and `serving` speak to a running
Cairn. `train` and `movielens` are the two commands.
"""
