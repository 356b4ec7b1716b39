import { describe, expect, test } from 'vitest';
import { proxyFor } from './proxy.ts';

describe('which proxy leads to a server', () => {
  const proxy = 'http://proxy:3128';
  const cases: [
    what: string,
    server: string,
    proxyUrl: string | undefined,
    env: Record<string, string>,
    via?: string,
  ][] = [
    ['none', 'https://k8s', undefined, {}],
    ['the kubeconfig’s', 'https://k8s', 'socks5://jump:1080', { HTTPS_PROXY: proxy }, 'socks5://jump:1080'],
    ['HTTPS_PROXY for https', 'https://k8s', undefined, { HTTPS_PROXY: proxy, HTTP_PROXY: 'http://no' }, `${proxy}/`],
    ['https_proxy too', 'https://k8s', undefined, { https_proxy: proxy }, `${proxy}/`],
    ['HTTP_PROXY for http', 'http://k8s', undefined, { HTTP_PROXY: proxy }, `${proxy}/`],
    ['HTTP_PROXY is not for https', 'https://k8s', undefined, { HTTP_PROXY: proxy }],
    ['a proxy without a scheme is http', 'https://k8s', undefined, { HTTPS_PROXY: 'proxy:3128' }, `${proxy}/`],
    ['never for localhost', 'https://localhost:6443', undefined, { HTTPS_PROXY: proxy }],
    ['never for 127.0.0.1', 'https://127.0.0.2:6443', undefined, { HTTPS_PROXY: proxy }],
    ['never for ::1', 'https://[::1]:6443', undefined, { HTTPS_PROXY: proxy }],
    ['a proxy-url counts even there', 'https://localhost', proxy, {}, `${proxy}/`],
  ];
  test.each(cases)('%s', (_, server, proxyUrl, env, via) => {
    expect(proxyFor(new URL(server), proxyUrl, env)?.url.href).toBe(via);
  });
});

describe('NO_PROXY', () => {
  const cases: [noProxy: string, server: string, bypassed: boolean][] = [
    ['*', 'https://k8s.corp', true],
    ['k8s.corp', 'https://k8s.corp', true],
    ['K8S.corp', 'https://k8s.CORP', true],
    ['corp', 'https://k8s.corp', true],
    ['.corp', 'https://k8s.corp', true],
    ['.corp', 'https://corp', false],
    ['*.corp', 'https://k8s.corp', true],
    ['rp', 'https://k8s.corp', false],
    ['other, k8s.corp', 'https://k8s.corp', true],
    ['k8s.corp:6443', 'https://k8s.corp:6443', true],
    ['k8s.corp:6443', 'https://k8s.corp', false],
    ['10.1.2.3', 'https://10.1.2.3', true],
    ['10.0.0.0/8', 'https://10.1.2.3:6443', true],
    ['10.0.0.0/8', 'https://11.1.2.3', false],
    ['10.0.0.0/8', 'https://10.example', false],
    ['10.0.0.0/99', 'https://10.1.2.3', false],
    ['fd00::/8', 'https://[fd12::1]', true],
    ['fd12::1', 'https://[fd12::1]', true],
    ['[fd12::1]:6443', 'https://[fd12::1]:6443', true],
    ['', 'https://k8s.corp', false],
  ];
  test.each(cases)('"%s" for %s: %s', (noProxy, server, bypassed) => {
    const env = { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: noProxy };
    expect(proxyFor(new URL(server), undefined, env) === undefined).toBe(bypassed);
  });
});

describe('a proxy URL that is none', () => {
  test.each(['ftp://proxy', 'not a url', 'http://user:s3cret@'])('%s', (text) => {
    const attempt = () => proxyFor(new URL('https://k8s'), text, {});
    expect(attempt).toThrow(/proxy-url of the kubeconfig is not a valid proxy URL|is not a proxy URL/u);
    expect(attempt).not.toThrow(/s3cret/u);
  });
});
