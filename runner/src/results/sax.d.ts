/** The part of sax that is used here; the package has no types of its own. */
declare module 'sax' {
  interface Parser {
    onopentag: (tag: { readonly name: string; readonly attributes: Readonly<Record<string, string>> }) => void;
    ontext: (text: string) => void;
    oncdata: (text: string) => void;
    onclosetag: (name: string) => void;
    onerror: (error: Error) => void;
    write(text: string): this;
    close(): this;
  }
  const sax: { parser(strict: boolean, options: { readonly trim: boolean; readonly normalize: boolean }): Parser };
  export default sax;
}
