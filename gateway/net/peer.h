#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cpis::net {

/// What the other side's certificate says, once it has been verified.
struct TlsIdentity {
  std::string subject;                 ///< RFC 2253 text, for example `CN=ris,O=Example Trust`
  std::vector<std::string> dns_names;  ///< subjectAltName, in the order of the certificate
  std::vector<std::string> uri_names;
  std::string sha256;  ///< fingerprint of the certificate, 64 lower-case hexadecimal digits
};

/// Who is at the other end of a connection. Fixed for the life of the connection and shared by
/// everything that came over it.
struct Peer {
  std::string address;  ///< numeric; an IPv4 address that arrived over IPv6 is written as IPv4
  std::uint16_t port = 0;
  std::string listener;  ///< the name of the listener it came in by
  bool encrypted = false;
  std::optional<TlsIdentity> certificate;  ///< only when one was asked for, given and verified
};

}  // namespace cpis::net
