const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Markup that may stand in a page as it is. */
export class Html {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** Takes over markup that our own code or oidc-provider made. Never call it with what came over the wire. */
  static trusted(text: string): Html {
    return new Html(text);
  }
}

/** Template tag: everything between the braces is escaped for text and for quoted attributes, unless it is Html already. */
export function html(parts: TemplateStringsArray, ...values: readonly (Html | string)[]): Html {
  const inserted = values.map((value) => (value instanceof Html ? value.text : value.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '')));
  return Html.trusted(parts.map((part, index) => part + (inserted[index] ?? '')).join(''));
}
