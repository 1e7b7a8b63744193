// Field names repeat from request to request; the bounds keep a client from filling memory with its own.
const MAX_REMEMBERED = 1_000;
const MAX_REMEMBERED_LENGTH = 64;

/**
 * Makes a function of field names look at each name once.
 *
 * @param judge a pure function of a field name; what it returns is shared and never undefined
 * @returns the same function; it remembers 1,000 names of up to 64 characters
 */
export function rememberedByName<T extends string | object>(judge: (name: string) => T): (name: string) => T {
  const remembered = new Map<string, T>();
  return (name) => {
    const known = remembered.get(name);
    if (known !== undefined) return known;
    const judged = judge(name);
    if (remembered.size < MAX_REMEMBERED && name.length <= MAX_REMEMBERED_LENGTH) remembered.set(name, judged);
    return judged;
  };
}
