#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/result.h"
#include "gateway/net/io_result.h"
#include "gateway/net/peer.h"

// OpenSSL's types, named so that its headers stay out of ours.
using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace cpis::net {

/// Whether the one who connects has to prove who they are.
enum class ClientCertificate { none, optional, required };

struct TlsSettings {
  std::string certificate_file = {};  ///< PEM: ours first, then the chain
  std::string key_file = {};          ///< PEM, without a password
  std::string client_ca_file = {};    ///< PEM; needed unless `none`
  std::string revocation_file = {};   ///< PEM; clients are looked up in its lists. Empty: not
  ClientCertificate client_certificate = ClientCertificate::none;
  bool tls13_only = false;  ///< default: TLS 1.2 and 1.3
};

/// The TLS side of one accepted connection. Loop thread only; never blocks.
class TlsStream {
 public:
  struct Free {
    void operator()(SSL* ssl) const noexcept;
  };
  explicit TlsStream(std::unique_ptr<SSL, Free> ssl) : ssl_{std::move(ssl)} {}

  /// `moved` once the handshake stands and, where asked for, the client is verified.
  IoState shake_hands();
  IoResult read(char* into, std::size_t room);
  IoResult write(std::string_view bytes);
  /// Decrypted bytes that `read` would give without the socket.
  std::size_t buffered() const;
  /// Tells the peer that we send nothing more, at best.
  void end();
  /// The verified certificate of the peer, if it gave one.
  std::optional<TlsIdentity> identity() const;
  /// Why the peer's certificate was refused; empty when it was not.
  std::string verification_problem() const;

 private:
  IoResult outcome(int returned, bool ended_is_clean) const;
  std::unique_ptr<SSL, Free> ssl_;
  bool broken_ = false;
};

/// The TLS settings of a listener, replaceable while it runs: connections accepted after a
/// `replace` use the new certificate, those already open keep theirs. Thread-safe.
class TlsSlot {
 public:
  /// Reads and checks the files. `bad_input` names the file and what is wrong with it.
  static Result<std::shared_ptr<TlsSlot>> open(const TlsSettings& settings);
  explicit TlsSlot(std::shared_ptr<SSL_CTX> context) : context_{std::move(context)} {}

  /// Takes the files as they are now; on an error the old ones stay in use.
  Status replace(const TlsSettings& settings);
  std::unique_ptr<TlsStream> accept(int descriptor);

 private:
  std::mutex mutex_;
  std::shared_ptr<SSL_CTX> context_;
};

struct TlsClientSettings {
  std::string authority_file = {};    ///< PEM; whom servers are proved by. Empty: the system's
  std::string certificate_file = {};  ///< PEM, for servers that ask; empty: none
  std::string key_file = {};
  std::string revocation_file = {};  ///< PEM; servers are looked up in its lists. Empty: not
  /// TLS 1.2 also without forward secrecy: for services that others run and we cannot change.
  bool older_ciphers = false;
};

/// Makes the client side of TLS connections (1.2 and 1.3). A server must prove, by a known
/// authority, that it is the host that was meant; there is no way to turn that off. Thread-safe.
class TlsConnector {
 public:
  static Result<std::shared_ptr<TlsConnector>> open(const TlsClientSettings& settings);
  /// `of_system`: the system's authorities are to be read, with the first connection: they take
  /// tens of milliseconds, and most connectors made with them never connect.
  TlsConnector(std::shared_ptr<SSL_CTX> context, bool of_system)
      : context_{std::move(context)}, of_system_{of_system} {}

  /// `host` is a name or a numeric address; the handshake is still to be made.
  Result<std::unique_ptr<TlsStream>> connect(int descriptor, const std::string& host);

 private:
  const std::shared_ptr<SSL_CTX> context_;
  const bool of_system_;
  std::once_flag authorities_read_;
};

}  // namespace cpis::net
