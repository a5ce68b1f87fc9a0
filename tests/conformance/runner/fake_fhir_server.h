#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/runner/http_exchange.h"

namespace cpis::test {

/// A small FHIR server in memory: create, read, vread, update, delete, history and search of any
/// type, JSON and XML, with the headers that scripts look for. Knows what it was asked.
class FakeFhirServer : public conformance::HttpExchange {
 public:
  static constexpr std::string_view base = "http://fake.example/fhir";

  Result<conformance::HttpResponse> send(const conformance::HttpRequest& request) override;

  std::vector<conformance::HttpRequest> requests;
  /// Where `Location` points, for a fake behind a real socket.
  std::string address{base};
  /// The next exchange fails as if the server were away.
  bool away = false;
  /// Spoils each answer to a read: to show that a script notices.
  bool lies = false;

 private:
  struct Stored {
    std::vector<std::string> versions;  ///< JSON; empty text: deleted
  };

  conformance::HttpResponse answer(const conformance::HttpRequest& request);
  conformance::HttpResponse put(const std::string& type, const std::string& id,
                                const conformance::HttpRequest& request);
  conformance::HttpResponse get(const std::string& type, const std::string& id,
                                const std::string& version,
                                const conformance::HttpRequest& request);
  conformance::HttpResponse list(const std::string& type, const std::string& only_id,
                                 const std::string& query, const conformance::HttpRequest& request);

  std::map<std::string, Stored> resources_;
  int next_id_ = 1;
};

}  // namespace cpis::test
