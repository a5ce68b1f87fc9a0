#include "tests/support/test_certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <memory>
#include <utility>

namespace cpis::test {

namespace {

constexpr long day_s = 24 * 60 * 60;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
struct FreeList {
  void operator()(X509_CRL* list) const { X509_CRL_free(list); }
};
struct FreeTime {
  void operator()(ASN1_TIME* time) const { ASN1_TIME_free(time); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;
using File = std::unique_ptr<std::FILE, CloseFile>;

Key read_key(const std::string& path) {
  const File file{std::fopen(path.c_str(), "r")};
  BOOST_REQUIRE(file);
  return Key{PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr)};
}

Certificate read_certificate(const std::string& path) {
  const File file{std::fopen(path.c_str(), "r")};
  BOOST_REQUIRE(file);
  return Certificate{PEM_read_X509(file.get(), nullptr, nullptr, nullptr)};
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  BOOST_REQUIRE(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate make_certificate(EVP_PKEY* key, const std::string& common_name, long serial) {
  Certificate certificate{X509_new()};
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -day_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 7 * day_s);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  const auto* const text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0);
  return certificate;
}

KeyPair write(const std::string& path, EVP_PKEY* key, X509* certificate) {
  KeyPair files{path + ".pem", path + ".key"};
  const File certificate_file{std::fopen(files.certificate_file.c_str(), "w")};
  const File key_file{std::fopen(files.key_file.c_str(), "w")};
  BOOST_REQUIRE(certificate_file);
  BOOST_REQUIRE(key_file);
  PEM_write_X509(certificate_file.get(), certificate);
  PEM_write_PrivateKey(key_file.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return files;
}

}  // namespace

TestAuthority::TestAuthority(std::string folder, std::string name)
    : folder_{std::move(folder)}, name_{std::move(name)} {
  const Key key{EVP_EC_gen("P-256")};
  const Certificate certificate = make_certificate(key.get(), name_, serial_);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  add_extension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate.get(), certificate.get(), NID_key_usage,
                "critical,keyCertSign,cRLSign");
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  own_ = write(folder_ + "/" + name_, key.get(), certificate.get());
}

KeyPair TestAuthority::issue(const std::string& common_name, const std::string& alternative_names) {
  const Key authority_key = read_key(own_.key_file);
  const Certificate authority = read_certificate(own_.certificate_file);
  const Key key{EVP_EC_gen("P-256")};
  const Certificate certificate = make_certificate(key.get(), common_name, ++serial_);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(authority.get()));
  add_extension(certificate.get(), authority.get(), NID_subject_alt_name, alternative_names);
  X509_sign(certificate.get(), authority_key.get(), EVP_sha256());
  const std::string path = folder_ + "/" + name_ + "-" + std::to_string(serial_);
  return write(path, key.get(), certificate.get());
}

std::string TestAuthority::revoke(const std::vector<KeyPair>& revoked, long days_left) {
  const Key authority_key = read_key(own_.key_file);
  const Certificate authority = read_certificate(own_.certificate_file);
  const std::unique_ptr<X509_CRL, FreeList> list{X509_CRL_new()};
  X509_CRL_set_version(list.get(), 1);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(authority.get()));
  const std::unique_ptr<ASN1_TIME, FreeTime> issued{X509_gmtime_adj(nullptr, -2 * day_s)};
  const std::unique_ptr<ASN1_TIME, FreeTime> next{X509_gmtime_adj(nullptr, days_left * day_s)};
  X509_CRL_set1_lastUpdate(list.get(), issued.get());
  X509_CRL_set1_nextUpdate(list.get(), next.get());
  for (const KeyPair& pair : revoked) {
    X509_REVOKED* const entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(
        entry, X509_get_serialNumber(read_certificate(pair.certificate_file).get()));
    X509_REVOKED_set_revocationDate(entry, issued.get());
    X509_CRL_add0_revoked(list.get(), entry);
  }
  X509_CRL_sort(list.get());
  X509_CRL_sign(list.get(), authority_key.get(), EVP_sha256());
  const std::string path = folder_ + "/" + name_ + "-" + std::to_string(++serial_) + ".crl";
  const File file{std::fopen(path.c_str(), "w")};
  BOOST_REQUIRE(file);
  BOOST_REQUIRE(PEM_write_X509_CRL(file.get(), list.get()) == 1);
  return path;
}

}  // namespace cpis::test
