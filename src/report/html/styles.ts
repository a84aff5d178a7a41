/** Colours are named by what they stand for; the figures use the names. */
const LIGHT = `color-scheme:light;--paper:#fff;--ink:#1c2430;--soft:#5b6674;--line:#dfe3e8;--panel:#f6f7f9;
--negative:#2a66c8;--positive:#c4520c;--ce:#6b7684;--focal:#8a3fb0;--ghmc:#0b7f6b;--edge:#9aa5b1;--warn:#fff4dc;--warn-line:#d69a1c`;
const DARK = `color-scheme:dark;--paper:#12161c;--ink:#e4e9ef;--soft:#9ba7b4;--line:#2c343e;--panel:#1a2027;
--negative:#74a9ff;--positive:#ff9a57;--ce:#a4afbb;--focal:#d196f0;--ghmc:#45cdb2;--edge:#5a6672;--warn:#2f2712;--warn-line:#b9861a`;

/** Colours by name, for an image that has no style sheet. */
export const lightColors = (): ReadonlyMap<string, string> =>
  new Map(Array.from(LIGHT.matchAll(/--([\w-]+):([^;]+)/g), ([, name, color]) => [name, color]));

export const STYLES = `
:root{${LIGHT}}
@media screen and (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main,header,footer{max-width:56rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.5rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .5rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;line-height:1.3;margin:0 0 .25rem}
p{margin:.25rem 0 .75rem}
.lede{font-size:1.1rem;max-width:44rem}
.soft,figcaption p,summary,caption,footer{color:var(--soft)}
code{font:.85em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.75rem;margin:1.5rem 0;padding:0}
.facts div{background:var(--panel);border-radius:.5rem;padding:.7rem .9rem}
.facts dt{color:var(--soft);font-size:.85rem}
.facts dd{margin:0;font-size:1.25rem;white-space:nowrap;font-weight:600;font-variant-numeric:tabular-nums}
.facts dd small{white-space:normal;display:block;font-size:.8rem;font-weight:400;color:var(--soft)}
.warnings{background:var(--warn);border-left:4px solid var(--warn-line);border-radius:.25rem;padding:.75rem 1rem;margin:1.5rem 0}
.warnings h2{font-size:1rem}
.warnings ul{margin:.25rem 0;padding-left:1.2rem;overflow-wrap:anywhere}
section,figure{margin:0;padding:2rem 0;border-top:1px solid var(--line)}
figcaption p{max-width:46rem}
figure svg.plot{display:block;width:100%;height:auto;overflow:visible;font-variant-numeric:tabular-nums}
figure svg.plot text{white-space:pre}
figure svg.narrow{display:none}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin:.5rem 0;padding:0;font-size:.9rem}
.legend svg{width:1.75rem;height:.7rem;margin-right:.4rem;overflow:visible}
details{margin-top:.5rem}
summary{cursor:pointer;font-size:.9rem}
.scroll{overflow-x:auto;max-height:40rem;margin:.75rem 0}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;min-width:min(100%,28rem)}
caption{text-align:left;font-size:.85rem;padding-bottom:.4rem}
th,td{padding:.22rem .9rem .22rem 0;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
td{white-space:nowrap}
th:first-child{text-align:left}
tbody th{font-weight:400;white-space:nowrap}
thead th{font-weight:600;font-size:.85rem;position:sticky;top:0;background:var(--paper)}
.words td,.words thead th{text-align:left;white-space:normal;overflow-wrap:anywhere}
.bar{display:block;height:.6rem;margin-top:.4rem;background:var(--negative);border-radius:1px}
footer{padding-top:1.5rem;padding-bottom:3rem;font-size:.85rem;border-top:1px solid var(--line)}
@media screen and (max-width:36rem){
header{padding-top:1.5rem}
h1{font-size:1.4rem}
figure svg.wide{display:none}
figure svg.narrow{display:block}
.facts{grid-template-columns:1fr 1fr}
th,td{padding-right:.6rem}
}
@media print{
body{font-size:10pt}
main,header,footer{max-width:none;padding-left:0;padding-right:0}
figure,.facts,tr{break-inside:avoid}
figure{padding:1rem 0}
details:not([open]){display:none}
.scroll{overflow:visible;max-height:none}
thead th{position:static}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}`;
