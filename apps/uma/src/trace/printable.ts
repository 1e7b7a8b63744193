/** C0 and C1 controls, and the controls of writing direction: with them a server could rewrite what the terminal shows. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Text from a server as it may be shown in a terminal: control characters are spelled out. */
export function printable(text: string): string {
  return text.replace(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
