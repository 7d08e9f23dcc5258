/// The report's style sheet. Colours have names; the dark half changes only those.
enum ReportStyle {
    static let css = """
        :root{--bg:#f6f7f9;--card:#fff;--ink:#1b2330;--soft:#667085;--line:#e4e7ec;--axis:#98a2b3;
        --c1:#2563eb;--c2:#d97706;--c3:#dc2626;--c4:#98a2b3;--good:#15803d;--goodbg:#ecfdf3;
        --warn:#92400e;--warnbg:#fffaeb;--bad:#b42318}
        @media (prefers-color-scheme:dark){:root{--bg:#0f141b;--card:#171e28;--ink:#e6eaf0;
        --soft:#93a0b4;--line:#283241;--axis:#56637a;--c1:#60a5fa;--c2:#fbbf24;--c3:#f87171;
        --c4:#64748b;--good:#4ade80;--goodbg:#12261b;--warn:#fcd34d;--warnbg:#2a2113;--bad:#f87171}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--bg);color:var(--ink);
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
        main{max-width:960px;margin:0 auto;padding:32px 20px 64px}
        h1{font-size:26px;margin:0;letter-spacing:-.02em}
        h2{font-size:17px;margin:0 0 4px}
        header p{margin:4px 0 0}
        .small{color:var(--soft);font-size:13px;margin:0 0 8px}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(124px,1fr));gap:12px;
        margin:24px 0 16px}
        .tile,section,.note{background:var(--card);border:1px solid var(--line);border-radius:12px}
        .tile{padding:12px 14px}
        .tile span,.tile small{display:block;color:var(--soft);font-size:12px}
        .tile strong{display:block;font-size:21px;font-weight:650;letter-spacing:-.02em;
        white-space:nowrap;font-variant-numeric:tabular-nums}
        .tile.bad strong{color:var(--bad)}
        section{padding:18px 20px;margin:16px 0}
        section.good{border-left:4px solid var(--good)}
        section.bad{border-left:4px solid var(--bad)}
        .note{padding:10px 16px;margin:0;font-size:14px;color:var(--soft)}
        .note b{color:var(--ink)}
        .note ul{margin:4px 0;padding-left:20px}
        .note.good{background:var(--goodbg);border-color:transparent}
        .note.good b{color:var(--good)}
        .note.warn{background:var(--warnbg);border-color:transparent}
        .note.warn b,.note.warn li{color:var(--warn)}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:13.5px;
        font-variant-numeric:tabular-nums}
        th{font-weight:500;color:var(--soft);text-align:left}
        th,td{padding:6px 10px 6px 0;border-bottom:1px solid var(--line);white-space:nowrap}
        td:last-child{white-space:normal;overflow-wrap:anywhere}
        tr:last-child td{border-bottom:0}
        .n{text-align:right;padding-left:10px;padding-right:0}
        svg{display:block;width:100%;height:auto;margin-top:4px}
        svg text{font-family:inherit}
        .grid{stroke:var(--line);stroke-width:1}
        .axis{stroke:var(--axis);stroke-width:1}
        .tick,.title{fill:var(--soft);font-size:12px}
        .legend,.marktext{fill:var(--ink);font-size:12.5px}
        .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
        .line.c1,.dot.c1{stroke:var(--c1)}.line.c2,.dot.c2{stroke:var(--c2)}
        .line.c3,.dot.c3{stroke:var(--c3)}.line.c4,.dot.c4{stroke:var(--c4)}
        .swatch.c1,.dot.c1,.area.c1{fill:var(--c1)}.swatch.c2,.dot.c2{fill:var(--c2)}
        .swatch.c3,.dot.c3{fill:var(--c3)}.swatch.c4,.dot.c4{fill:var(--c4)}
        .dot.hollow{fill:var(--card)}
        .dot{stroke-width:2}
        .area{opacity:.12}
        .mark{stroke:var(--ink);stroke-width:1;stroke-dasharray:4 4;opacity:.6}
        .empty{color:var(--soft)}
        @media print{body{background:#fff}section,.tile{break-inside:avoid}}
        """
}
