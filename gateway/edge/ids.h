#pragma once

#include <string>

namespace cpis {

/// A random UUID (RFC 4122 version 4), upper case as HL7 V3 wants it, from the operating system's
/// generator. Safe to call from many threads.
std::string random_uuid();

/// 32 lower-case hexadecimal digits of randomness: an opaque id that says nothing.
std::string random_hex_id();

}  // namespace cpis
