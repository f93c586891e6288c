#pragma once
#include <curl/curl.h>

/* curl_easy_setopt and its kin are variadic, which Swift cannot call. */
static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) { return curl_easy_setopt(easy, option, value); }
static inline CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value) { return curl_easy_setopt(easy, option, value); }
static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value) { return curl_easy_setopt(easy, option, value); }
static inline CURLcode ccurl_set_size(CURL *easy, CURLoption option, curl_off_t value) { return curl_easy_setopt(easy, option, value); }
typedef size_t (*ccurl_transfer)(char *bytes, size_t size, size_t count, void *user);
static inline CURLcode ccurl_set_callback(CURL *easy, CURLoption option, ccurl_transfer value) { return curl_easy_setopt(easy, option, value); }
static inline long ccurl_get_long(CURL *easy, CURLINFO info) {
  long value = 0;
  curl_easy_getinfo(easy, info, &value);
  return value;
}
static inline CURLcode ccurl_result(const CURLMsg *message) { return message->data.result; }
static inline CURLcode ccurl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }
