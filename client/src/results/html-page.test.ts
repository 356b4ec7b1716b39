import { describe, expect, test } from 'vitest';
import { htmlPage, linkTarget, pageText, policySource, type PageRequest } from './html-page.ts';

const root = 'https://tarmac-artifact%2bab.vscode-resource.vscode-cdn.net/runs/unit-1/report';
const source = 'https://*.vscode-resource.vscode-cdn.net/runs/unit-1/report/';
const page = (html: string, more: Partial<PageRequest> = {}): string =>
  htmlPage({
    ...{
      html,
      base: `${root}/html/`,
      source,
      path: 'html/index.html',
      scripts: false,
      command: 'tarmac.openReportPage',
    },
    ...more,
  });

/** The policy of a page, by directive. */
function policy(text: string): Readonly<Record<string, string>> {
  const [, content = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/u.exec(text) ?? [];
  return Object.fromEntries(
    content.split('; ').map((each) => [each.slice(0, each.indexOf(' ')), each.slice(each.indexOf(' ') + 1)]),
  );
}

describe('the policy', () => {
  test('stands before everything that the task wrote, and after nothing of it', () => {
    const text = page('<!doctype html><html><head><meta http-equiv="x"><script>1</script></head></html>');
    expect(text.indexOf('Content-Security-Policy')).toBeLessThan(text.indexOf('<html>'));
    expect(text.startsWith('<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy"')).toBe(
      true,
    );
    expect(text.match(/<!doctype/giu)).toHaveLength(1);
  });

  test('lets nothing in but files of the output, and no script', () => {
    const rules = policy(page('<p>x'));
    expect(rules['default-src']).toBe("'none'");
    expect(rules['script-src']).toBe("'none'");
    expect(rules['img-src']).toBe(`${source} data:`);
    for (const kind of ['connect-src', 'frame-src', 'object-src', 'form-action']) expect(rules[kind]).toBe("'none'");
    for (const value of Object.values(rules)) {
      expect(value).not.toMatch(/https?:(?!\/\/\*\.vscode-resource)|(?:^|\s)\*(?:\s|$)/u);
    }
    expect(Object.values(rules).join()).not.toContain('unsafe-eval');
  });

  test('lets scripts of the output run where a person has allowed it, which still reach nothing', () => {
    const rules = policy(page('<p>x', { scripts: true }));
    expect(rules['script-src']).toBe(`${source} 'unsafe-inline'`);
    expect(rules['connect-src']).toBe("'none'");
  });

  test('is not left by a page that sends the reader elsewhere', () => {
    expect(page('<META content="0;url=https://evil.example" HTTP-EQUIV = "Refresh">')).not.toContain('evil');
  });

  test('its source is a folder of VS Code, with nothing that ends a directive', () => {
    expect(policySource(root)).toBe(source);
    expect(policySource("https://file%2b.vscode-resource.vscode-cdn.net/a b;script-src *,'x'")).not.toMatch(/[;,'\s]/u);
  });
});

describe('links', () => {
  test.each<[string, string | undefined]>([
    ['cart.html', 'html/cart.html'],
    ['./a/b.html#L12', 'html/a/b.html'],
    ['../other/index.html?x=1', 'other/index.html'],
    ['sub/', 'html/sub/index.html'],
    ['a%20b.html', 'html/a b.html'],
    ['../../outside.html', undefined],
    ['%2e%2e/%2e%2e/outside.html', undefined],
    ['..\\..\\outside.html', undefined],
    ['/etc/passwd', undefined],
    ['//evil.example/x', undefined],
    ['https://evil.example', undefined],
    ['javascript:alert(1)', undefined],
    ['command:workbench.action.terminal.new', undefined],
    ['#part', undefined],
    ['', undefined],
  ])('%s', (href, target) => {
    expect(linkTarget(href, 'html/index.html')).toBe(target);
  });

  test('to other pages of the output open them', () => {
    const text = page(`<a class="x" href="cart.html">a</a> <A HREF='https://example.com'>b</A>`);
    expect(text).toContain(`href="command:tarmac.openReportPage?${encodeURIComponent('["html/cart.html"]')}"`);
    expect(text).toContain(`HREF='https://example.com'`);
  });

  test('cannot end their attribute', () => {
    expect(page(`<a href='x"onclick="y'>`)).not.toContain('onclick="y');
  });
});

test('the encoding is what the page says', () => {
  expect(pageText(Buffer.from('<meta charset="iso-8859-1">grün', 'latin1'))).toContain('grün');
  expect(pageText(Buffer.from('grün'))).toBe('grün');
  expect(pageText(Buffer.from('<meta charset="nothing">ü'))).toContain('ü');
});
