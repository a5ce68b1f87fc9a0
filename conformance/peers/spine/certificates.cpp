#include "conformance/peers/spine/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cstdio>
#include <memory>

namespace cpis::peers {
namespace {

constexpr long one_day_s = 24 * 60 * 60;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;
using File = std::unique_ptr<std::FILE, CloseFile>;

bool add_extension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

// A certificate for `name`, signed by `issuer` (by itself when that is null).
Certificate issue(EVP_PKEY* key, const std::string& name, long serial, X509* issuer,
                  EVP_PKEY* issuer_key) {
  Certificate certificate{X509_new()};
  if (!certificate) return nullptr;
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -one_day_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), one_day_s);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509* signer = issuer == nullptr ? certificate.get() : issuer;
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  bool good = add_extension(certificate.get(), signer, NID_basic_constraints,
                            issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  if (issuer != nullptr) {
    good = good && add_extension(certificate.get(), signer, NID_subject_alt_name,
                                 "DNS:localhost,IP:127.0.0.1");
    good = good &&
           add_extension(certificate.get(), signer, NID_ext_key_usage, "serverAuth,clientAuth");
  }
  EVP_PKEY* signing_key = issuer_key == nullptr ? key : issuer_key;
  if (!good || X509_sign(certificate.get(), signing_key, EVP_sha256()) == 0) return nullptr;
  return certificate;
}

File open_file(const std::string& path, mode_t mode) {
  File file{std::fopen(path.c_str(), "wb")};
  if (file) ::chmod(path.c_str(), mode);
  return file;
}

bool write_key(const std::string& path, EVP_PKEY* key) {
  const File file = open_file(path, S_IRUSR | S_IWUSR);
  return file && PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
}

bool write_certificate(const std::string& path, X509* certificate) {
  const File file = open_file(path, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
  return file && PEM_write_X509(file.get(), certificate) == 1;
}

Key make_key() { return Key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")}; }

}  // namespace

Result<Certificates> make_certificates(const std::string& folder) {
  const Certificates files{folder + "/authority.pem", folder + "/server.pem",
                           folder + "/server.key", folder + "/client.pem", folder + "/client.key"};
  const Error failed{ErrorKind::fault, "certificates could not be made in " + folder};
  const Key authority_key = make_key();
  const Key server_key = make_key();
  const Key client_key = make_key();
  if (!authority_key || !server_key || !client_key) return failed;
  const Certificate authority =
      issue(authority_key.get(), "Simulated authority", 1, nullptr, nullptr);
  if (!authority) return failed;
  const Certificate server =
      issue(server_key.get(), "localhost", 2, authority.get(), authority_key.get());
  const Certificate client =
      issue(client_key.get(), "localhost", 3, authority.get(), authority_key.get());
  const bool written = server && client && write_certificate(files.authority, authority.get()) &&
                       write_certificate(files.server_certificate, server.get()) &&
                       write_key(files.server_key, server_key.get()) &&
                       write_certificate(files.client_certificate, client.get()) &&
                       write_key(files.client_key, client_key.get());
  if (!written) return failed;
  return files;
}

}  // namespace cpis::peers
