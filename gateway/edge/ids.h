#pragma once

#include <string>

#include "adapters/core/time.h"

namespace cpis {

/// A random UUID (RFC 4122 version 4), upper case as HL7 V3 wants it, from the operating system's
/// generator. Safe to call from many threads.
std::string random_uuid();

/// 32 lower-case hexadecimal digits of randomness: an opaque id that says nothing.
std::string random_hex_id();

/// The same two for keys of rows: they begin with the millisecond they were made in (the layout of
/// UUID version 7, RFC 9562, 5.7) and end with 74 random bits. Rows that are added in order lie
/// together, which is what makes a commit of many of them cheap.
std::string ordered_uuid(Time now);
std::string ordered_hex_id(Time now);

}  // namespace cpis
