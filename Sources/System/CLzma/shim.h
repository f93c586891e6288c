#pragma once
#include <lzma.h>

/* Swift does not see the macro. */
static const uint32_t clzma_concatenated = LZMA_CONCATENATED;
