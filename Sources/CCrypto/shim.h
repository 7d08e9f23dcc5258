/* The part of OpenSSL's libcrypto that Cairn uses: message digests. */
#include <openssl/evp.h>
