/** The whole style sheet; its hash stands in the Content-Security-Policy. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5a6475; --paper: #f3f5f8; --card: #ffffff; --line: #8b95a5;
  --accent: #1f5fbf; --on-accent: #ffffff; --warn: #fff3cd; --on-warn: #5c4300; --bad: #fdecec; --on-bad: #96190f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ecf2; --soft: #a5afbf; --paper: #12161d; --card: #1b212b; --line: #6b7688;
    --accent: #7db0ff; --on-accent: #0b1a30; --warn: #3b2f0b; --on-warn: #ffdf8a; --bad: #40191a; --on-bad: #ffb9b3; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
.warning { margin: 0; padding: .5rem 1rem; background: var(--warn); color: var(--on-warn); text-align: center; font-size: .875rem; font-weight: 600; text-wrap: balance; }
main { max-width: 26rem; margin: clamp(1rem, 8vh, 5rem) auto 2rem; padding: 2rem; background: var(--card); border-radius: .75rem;
  box-shadow: 0 1px 2px rgb(0 0 0 / .08), 0 8px 30px rgb(0 0 0 / .08); }
@media (max-width: 30rem) { main { margin: 1rem; padding: 1.25rem; } }
.domain { margin: 0; color: var(--soft); font-size: .875rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; }
.hint { color: var(--soft); font-size: .875rem; margin: .25rem 0 0; }
.error { padding: .625rem .75rem; border-radius: .5rem; background: var(--bad); color: var(--on-bad); }
label { display: block; margin-top: 1rem; font-weight: 600; }
input { width: 100%; margin-top: .25rem; padding: .625rem .75rem; border: 1px solid var(--line); border-radius: .5rem;
  background: var(--card); color: var(--ink); font: inherit; }
input.code { letter-spacing: .3em; font-variant-numeric: tabular-nums; }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 1px; }
button { width: 100%; margin-top: 1.5rem; padding: .75rem; border: 0; border-radius: .5rem; background: var(--accent); color: var(--on-accent);
  font: inherit; font-weight: 600; cursor: pointer; }
button.quiet { margin-top: .5rem; background: none; color: var(--accent); }
a { color: var(--accent); }
code { overflow-wrap: anywhere; }
`;
