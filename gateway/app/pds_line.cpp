#include "gateway/app/pds_line.h"

#include <utility>

#include "gateway/app/source_settings.h"

namespace cpis::app {
namespace {

// PDS answers within a second as a rule; a question to Spine waits for it.
constexpr std::chrono::seconds call_time{2};
constexpr std::size_t connections_max = 4;

}  // namespace

std::string words_of(const spine::PdsPerson& person, bool superseded) {
  std::string says =
      superseded ? "found, under another number by now" : "found, and the number holds";
  if (person.restricted) {
    says +=
        "; a restricted record: address, telephone and GP are for nobody to see, and are not read";
  }
  if (person.deceased) says += "; PDS says that the person has died";
  return says;
}

PdsLine::PdsLine(const config::PdsLink& link, std::unique_ptr<net::HttpSender> sender,
                 net::JwtSigner signer, const Clock& clock)
    : sender_{std::move(sender)},
      tokens_{{link.token_url, link.token_api_key, link.token_key_id},
              std::move(signer),
              *sender_,
              clock},
      client_{{link.url, "", link.calls_each_second}, *sender_, tokens_, clock} {}

Result<std::unique_ptr<PdsLine>> PdsLine::open(const config::PdsLink& link, const Clock& clock) {
  auto sender =
      net::open_http_sender(sender_settings(link.tls, link.authority, call_time, connections_max));
  if (!sender) return sender.error();
  auto signer = net::JwtSigner::open(link.token_key);
  if (!signer) return signer.error();
  std::unique_ptr<PdsLine> line{nullptr};
  line.reset(new PdsLine{link, *std::move(sender), *std::move(signer), clock});
  return line;
}

}  // namespace cpis::app
