import { styleText } from 'node:util';

/** What a piece of text is, for the eye. */
export type Tone = 'title' | 'name' | 'quiet' | 'good' | 'bad';

/** Colours text, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string;

const STYLES = { title: ['bold', 'cyan'], name: ['green'], quiet: ['dim'], good: ['bold', 'green'], bad: ['bold', 'red'] } as const;

/** @param colours whether the terminal takes colours */
export function paintWith(colours: boolean): Paint {
  return (tone, text) => (colours ? styleText([...STYLES[tone]], text, { validateStream: false }) : text);
}
