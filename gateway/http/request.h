#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/net/peer.h"

namespace cpis::http {

struct HeaderField {
  std::string_view name;
  std::string_view value;
};

/// One HTTP request as plain values. Owns its bytes: it may move to another thread, and views from
/// it stay valid for as long as the object is neither moved nor destroyed.
class Request {
 public:
  Request() = default;

  /// For handlers' tests and for requests made inside the program.
  static Request make(std::string_view method, std::string_view target,
                      const std::vector<HeaderField>& headers = {}, std::string body = {});

  std::string_view method() const { return text(method_); }
  /// As received, for example `/FHIR/R4/Flag?patient=9990000018`. Never put it into a log.
  std::string_view target() const { return text(target_); }
  /// Without query, still percent-encoded. Begins with '/', or is `*` for OPTIONS.
  std::string_view path() const { return text(path_); }
  /// After the '?', still percent-encoded; empty without one.
  std::string_view query() const { return text(query_); }
  /// The authority of an absolute target, else the Host header; may be empty for HTTP/1.0.
  std::string_view host() const { return text(host_); }
  /// 0 or 1, for HTTP/1.0 and HTTP/1.1.
  int minor_version() const noexcept { return minor_version_; }

  std::size_t header_count() const noexcept { return headers_.size(); }
  HeaderField header_at(std::size_t index) const;
  /// The first header of that name, in any case.
  std::optional<std::string_view> header(std::string_view name) const;
  /// All of them, in order.
  std::vector<std::string_view> headers(std::string_view name) const;

  const std::string& body() const noexcept { return body_; }
  std::string take_body() { return std::move(body_); }

  /// Who sent it. Without a connection (`make`): an empty peer.
  const net::Peer& peer() const;

  /// The caller's X-Correlation-ID when it is one of up to 64 letters, digits and "-_."; else the
  /// trace id of its `traceparent` (W3C Trace Context); else a new one. Safe for logs.
  const std::string& correlation_id() const noexcept { return correlation_id_; }
  /// The trace id of its `traceparent`; empty when it has none that is valid.
  const std::string& trace_id() const noexcept { return trace_id_; }

  // For whoever received it.
  void set_peer(std::shared_ptr<const net::Peer> peer) { peer_ = std::move(peer); }
  void set_correlation_id(std::string id) { correlation_id_ = std::move(id); }
  void set_trace_id(std::string id) { trace_id_ = std::move(id); }

 private:
  friend class RequestParser;
  // Places in text_ rather than views: they survive a move of the object.
  struct Slice {
    std::uint32_t at = 0;
    std::uint32_t size = 0;
  };
  struct HeaderSlices {
    Slice name;
    Slice value;
  };
  std::string_view text(Slice slice) const {
    return std::string_view{text_}.substr(slice.at, slice.size);
  }
  Slice add(std::string_view bytes);
  void add_header(std::string_view name, std::string_view value);
  /// Splits a target in origin form (RFC 9112, 3.2.1) that has been added as `at`.
  void split_target(Slice at);

  std::string text_;
  Slice method_, target_, path_, query_, host_;
  std::vector<HeaderSlices> headers_;
  std::string body_;
  std::string correlation_id_;
  std::string trace_id_;
  std::shared_ptr<const net::Peer> peer_;
  int minor_version_ = 1;
};

/// Compares as HTTP compares names: letters without case, ASCII only.
bool same_name(std::string_view a, std::string_view b) noexcept;

/// Whether `token` is one of the comma-separated members of `list`, without case.
bool list_has(std::string_view list, std::string_view token) noexcept;

}  // namespace cpis::http
