#pragma once
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* OpenSSL's macros, which Swift cannot see. */

static inline int cssl_set_min_version(SSL_CTX *context, int version) {
  return SSL_CTX_set_min_proto_version(context, version);
}
static inline void cssl_set_modes(SSL_CTX *context) {
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context, 1);
}
static inline void cssl_set_options(SSL_CTX *context, int tolerates_cut) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
  if (tolerates_cut) SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
}
static inline long cssl_set_server_name(SSL *ssl, const char *name) { return SSL_set_tlsext_host_name(ssl, name); }

static int cssl_no_password(char *buffer, int size, int writing, void *data) { return 0; }
/* A key that is encrypted is an error, not a question on the terminal. */
static inline void cssl_ask_no_password(SSL_CTX *context) {
  SSL_CTX_set_default_passwd_cb(context, cssl_no_password);
}
