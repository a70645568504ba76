import { palette } from "./palette.ts";

type Names = keyof typeof palette;

const variables = (shade: 0 | 1): string =>
  (Object.keys(palette) as Names[]).map((name) => `--${name}:${palette[name][shade]}`).join(";");

/** Charts carry the light colours as attributes, which any rule of a style sheet outranks. */
const recolour = Object.values(palette)
  .map(([light, dark]) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`)
  .join("");

/** The style sheet of a report: one column, light or dark as preferred on screen, light on paper. */
export const styleSheet = `
:root{color-scheme:light dark;${variables(0)}}
@media screen and (prefers-color-scheme:dark){:root{${variables(1)}}${recolour}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:51rem;margin:0 auto;padding:3rem 1.25rem 4rem}
.kicker{margin:0;font-size:.8rem;letter-spacing:.06em;color:var(--muted)}
h1{margin:.2rem 0 1rem;font-size:1.75rem;line-height:1.2;font-weight:650;overflow-wrap:anywhere}
.conclusion{margin:0 0 2rem;padding-left:1rem;border-left:3px solid var(--accent);font-size:1.1rem;max-width:42rem}
h2{margin:3rem 0 1rem;padding-top:1rem;border-top:1px solid var(--rule);font-size:1.2rem;font-weight:650}
h3{margin:2rem 0 .5rem;font-size:1rem;font-weight:650}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:1.25rem 1.5rem;margin:0}
.tiles div{border-top:1px solid var(--rule);padding-top:.6rem}
.tiles dt{font-size:.85rem;color:var(--muted)}
.tiles dd{margin:0}
.tiles .value{font-size:1.45rem;line-height:1.3;font-weight:600;overflow-wrap:anywhere}
.tiles .note{font-size:.8rem;line-height:1.4;color:var(--muted)}
figure{margin:1.25rem 0 2rem}
figure svg{display:block;width:100%;height:auto}
figure .narrow{display:none}
figcaption{margin-top:.6rem;font-size:.88rem;line-height:1.5;color:var(--muted);max-width:44rem;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
th,td{padding:.4rem 1.5rem .4rem 0;border-bottom:1px solid var(--rule);text-align:left;font-weight:400;vertical-align:baseline}
thead th{color:var(--muted);font-size:.85rem}
td.number,th.number{text-align:right}
td.number{white-space:nowrap}
th[scope=row]{min-width:8rem}
th:last-child,td:last-child{padding-right:0}
sup,sub{font-size:.72em;line-height:0}
footer{margin-top:3rem;font-size:.8rem;color:var(--muted)}
@media (max-width:35rem){main{padding:1.75rem 1rem 3rem}h1{font-size:1.4rem}
.tiles{grid-template-columns:repeat(2,1fr);gap:1rem}table{font-size:.85rem}th,td{padding-right:.75rem}.tiles .value{font-size:1.2rem}
figure .wide{display:none}figure .narrow{display:block}}
@media print{body{font-size:11pt}main{max-width:none;padding:0}h2{margin-top:2rem}
h2,h3{break-after:avoid}figure,tr,.tiles div{break-inside:avoid}
figure .wide{display:block}figure .narrow{display:none}}
`;
