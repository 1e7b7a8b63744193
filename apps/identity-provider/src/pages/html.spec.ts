import { describe, expect, it } from '@jest/globals';
import { Html, html } from './html.ts';

describe('html', () => {
  it('escapes what would end an attribute or begin a tag', () => {
    expect(html`<b title="${`"'<>&`}">${'<i>&amp;'}</b>`.text).toBe('<b title="&quot;&#39;&lt;&gt;&amp;">&lt;i&gt;&amp;amp;</b>');
  });

  it('leaves markup as it is', () => {
    expect(html`<p>${html`<b>${'&'}</b>`}${Html.trusted('<i>')}</p>`.text).toBe('<p><b>&amp;</b><i></p>');
  });
});
