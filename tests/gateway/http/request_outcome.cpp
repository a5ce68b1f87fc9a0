#include "tests/gateway/http/request_outcome.h"

namespace cpis::test {

std::string describe(const http::Request& request) {
  std::string text{request.method()};
  text += '\n';
  text += request.target();
  text += '\n';
  text += std::to_string(request.minor_version());
  for (std::size_t i = 0; i < request.header_count(); ++i) {
    const auto [name, value] = request.header_at(i);
    text += '\n';
    text += name;
    text += ':';
    text += value;
  }
  return text + "\n\n" + request.body();
}

RequestOutcome read_requests(const std::vector<std::string_view>& pieces,
                             const http::RequestLimits& limits) {
  using State = http::RequestParser::State;
  RequestOutcome outcome;
  http::RequestParser parser{limits};
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      const auto [state, used] = parser.feed(piece);
      piece.remove_prefix(used);
      if (state == State::complete) outcome.requests.push_back(describe(parser.take()));
      if (state == State::failed) {
        outcome.status = parser.status();
        return outcome;
      }
      if (state == State::need_more) break;
    }
  }
  return outcome;
}

}  // namespace cpis::test
