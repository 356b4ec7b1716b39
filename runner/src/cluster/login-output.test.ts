import { expect, test } from 'vitest';
import { LineTeller, loginRequest, withoutTokens } from './login-output.ts';

test('lines are told as they come, whatever their ends and pieces', () => {
  const told: string[] = [];
  using teller = new LineTeller((line) => told.push(line));
  teller.write('To sign in,');
  teller.write(' open x\r\n\nand ');
  expect(told).toEqual(['To sign in, open x']);
  teller.flush();
  expect(told).toEqual(['To sign in, open x', 'and ']);
});

test.each([
  [
    'To sign in, open https://login.example.com/device and enter the code ABC-123.',
    { address: 'https://login.example.com/device', code: 'ABC-123' },
  ],
  [
    'To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code ABCD1234E to authenticate.',
    { address: 'https://microsoft.com/devicelogin', code: 'ABCD1234E' },
  ],
  ['Please visit the following URL in your browser: http://localhost:8000', { address: 'http://localhost:8000' }],
  ['First copy your one-time code: 1A2B-3C4D', { code: '1A2B-3C4D' }],
  ['exit code 1', {}],
  ['WARNING: the cache is old', {}],
])('%s', (line, expected) => {
  expect(loginRequest(line)).toEqual(expected);
});

test.each([
  ['got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln', 'got ***'],
  ['Authorization: Bearer abc', 'Authorization: Bearer ***'],
  ['id_token=abc&state=1', 'id_token=***&state=1'],
  ['open https://login.example.com/device', 'open https://login.example.com/device'],
])('%s becomes %s', (line, expected) => {
  expect(withoutTokens(line)).toBe(expected);
});
