#pragma once

#include <string>
#include <vector>

namespace cpis::test {

/// Where a certificate and its key lie, as PEM files.
struct KeyPair {
  std::string certificate_file;
  std::string key_file;
};

/// A certificate authority made for one test, with P-256 keys, valid from yesterday for a week.
class TestAuthority {
 public:
  /// Files are written into `folder`, which must exist, with names that begin with `name`.
  TestAuthority(std::string folder, std::string name);

  /// The authority's own certificate.
  const std::string& certificate_file() const noexcept { return own_.certificate_file; }
  /// A certificate for `common_name`; `alternative_names` as OpenSSL writes them, for example
  /// "DNS:localhost,IP:127.0.0.1".
  KeyPair issue(const std::string& common_name, const std::string& alternative_names);
  /// A revocation list of this authority, as a PEM file: issued yesterday, in force for
  /// `days_left` more days (negative: out of date).
  std::string revoke(const std::vector<KeyPair>& revoked, long days_left = 1);

 private:
  std::string folder_;
  std::string name_;
  KeyPair own_;
  long serial_ = 1;
};

}  // namespace cpis::test
