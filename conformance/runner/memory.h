#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "conformance/runner/record.h"
#include "conformance/runner/test_script.h"

namespace cpis::conformance {

/// What a running script knows: fixtures, answers, requests by id, the last of each, and its
/// variables.
class Memory {
 public:
  /// `given` wins over what the script says a variable is.
  Memory(const TestScript& script, std::map<std::string, std::string, std::less<>> given)
      : script_{script}, given_{std::move(given)} {}

  void keep(std::string id, Record record);
  void keep_last_request(Record record) {
    last_request_ = std::make_unique<Record>(std::move(record));
  }
  void keep_last_response(Record record) {
    last_response_ = std::make_unique<Record>(std::move(record));
  }
  /// Null when there is none.
  Record* find(std::string_view id);
  Record* last_request() { return last_request_.get(); }
  Record* last_response() { return last_response_.get(); }
  /// The record of this id, or for an empty id the last one of that direction.
  Record* source(std::string_view id, bool of_request);

  /// Replaces each `${name}`. An error names the first variable that has no value.
  Result<std::string> fill(std::string_view text);

 private:
  Result<std::string> value(std::string_view name);

  const TestScript& script_;
  std::map<std::string, std::string, std::less<>> given_;
  std::map<std::string, std::unique_ptr<Record>, std::less<>> records_;
  std::unique_ptr<Record> last_request_;
  std::unique_ptr<Record> last_response_;
};

/// The values of a FHIRPath expression on the record's resource; an error says why there are none
/// to be had (no resource, a bad expression).
Result<std::vector<std::string>> evaluate_expression(Record& record, std::string_view expression);

/// The same for an XPath or JSONPath.
Result<std::vector<std::string>> evaluate_path(Record& record, std::string_view path);

}  // namespace cpis::conformance
