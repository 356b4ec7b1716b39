/** Telling a certificate that is not accepted from a TLS connection that broke. */
import { errorCode } from '../cluster/errors.ts';
import { errorText } from '../model/format.ts';

/** OpenSSL's verification errors as Node names them, and Node's own. */
const TLS_CODE =
  /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|EPROTO$)/;

/** A connection that ended, or was garbled, in the middle of the handshake or of a record. */
const BROKEN =
  /UNEXPECTED_EOF|BAD_RECORD_MAC|DECRYPTION_FAILED|ERR_TLS_HANDSHAKE_TIMEOUT|unexpected eof|bad record mac/i;

/** Whether TLS failed for a reason that stays: a certificate, a protocol. A connection that broke meanwhile is none. */
export function isCertificateTrouble(error: unknown): boolean {
  const code = errorCode(error);
  if (code === undefined || !TLS_CODE.test(code)) return false;
  return !BROKEN.test(`${code} ${errorText(error)}`);
}
