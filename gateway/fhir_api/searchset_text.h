#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/time.h"
#include "gateway/http/response.h"
#include "gateway/resources/resource_book.h"

namespace cpis::fhir_api {

/// A Bundle put together as text around bodies that are ready to send.
class BundleText {
 public:
  BundleText(std::string_view type, Time now);

  void total(std::size_t count);
  void link(std::string_view relation, std::string_view url);
  /// `mode` is match, include or outcome. `url` may be empty.
  void entry(std::string_view url, std::string_view body, std::string_view mode);
  /// An entry of a history: deleted resources have no body.
  void history_entry(std::string_view url, std::string_view body, std::string_view method,
                     std::string_view request_url, std::string_view status, std::int64_t version,
                     Time at);
  /// An entry whose members are ready.
  void raw_entry(std::string_view members);

  http::Response finish() &&;

 private:
  void open_entry();
  std::string head_;
  std::string links_;
  std::string entries_;
};

/// The answer of one stored resource: body, ETag, Last-Modified.
http::Response entry_answer(int status, const resources::Entry& entry);

}  // namespace cpis::fhir_api
