#pragma once

#include <memory>
#include <string>

#include "adapters/core/ports/clock.h"
#include "gateway/config/settings.h"
#include "gateway/net/http_sender.h"
#include "gateway/net/pds_client.h"
#include "gateway/net/token_source.h"

namespace cpis::app {

/// What PDS says of a person, without saying who it is: whether the number that was asked for
/// holds, whether the record is restricted, whether they have died.
std::string words_of(const spine::PdsPerson& person, bool superseded);

/// The line to PDS that a configuration describes: connections, tokens, rate.
class PdsLine {
 public:
  /// `bad_input` names a certificate or key file that cannot be used.
  static Result<std::unique_ptr<PdsLine>> open(const config::PdsLink& link, const Clock& clock);

  net::PdsClient& client() { return client_; }

 private:
  PdsLine(const config::PdsLink& link, std::unique_ptr<net::HttpSender> sender,
          net::JwtSigner signer, const Clock& clock);

  std::unique_ptr<net::HttpSender> sender_;
  net::TokenSource tokens_;
  net::PdsClient client_;
};

}  // namespace cpis::app
