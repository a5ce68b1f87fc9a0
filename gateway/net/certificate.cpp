#include "gateway/net/certificate.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "gateway/net/asn1_time.h"

namespace cpis::net {
Result<CertificateDates> read_certificate_dates(const std::string& file) {
  const std::unique_ptr<BIO, int (*)(BIO*)> in{BIO_new_file(file.c_str(), "r"), BIO_free};
  if (!in) return Error{ErrorKind::bad_input, file + " cannot be read"};
  const std::unique_ptr<X509, void (*)(X509*)> certificate{
      PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free};
  if (!certificate) return Error{ErrorKind::bad_input, file + " holds no certificate (PEM)"};
  const auto from = time_of(X509_get0_notBefore(certificate.get()));
  const auto until = time_of(X509_get0_notAfter(certificate.get()));
  if (!from || !until) {
    return Error{ErrorKind::bad_input, file + " has a certificate without readable dates"};
  }
  return CertificateDates{*from, *until};
}

}  // namespace cpis::net
