#pragma once

#include <functional>
#include <string_view>

#include "adapters/core/ports/clock.h"
#include "adapters/hl7v2/explain.h"
#include "gateway/config/settings.h"
#include "gateway/fhir_api/authenticate.h"
#include "gateway/http/query_string.h"
#include "gateway/http/response.h"
#include "gateway/store/audit_store.h"
#include "gateway/store/database.h"
#include "gateway/store/inbox_store.h"
#include "gateway/usecases/feed_mappings.h"

namespace cpis::fhir_api {

/// How messages of this feed are explained: by its dialect, the rules of checking and its mapping.
hl7v2::ExplainSettings reading_for(const config::Settings& settings,
                                   const usecases::FeedMappings& mappings, std::string_view feed);

/// Stored HL7 v2 messages, for the people who run the gateway:
///
///     GET  /admin/messages?feed=&state=waiting|finished|quarantined&after=ID&count=
///     GET  /admin/messages/ID              what the gateway understands of it, without names
///     GET  /admin/messages/ID?full=yes     the message itself; needs client.NAME.read_messages
///     POST /admin/messages/ID/replay       it is worked on again
///     POST /admin/messages/replay?from=ID&to=ID&feed=&state=   a range, both ends included
///
/// A full reading and every replay are in the audit before they happen. A replay starts no second
/// check for an attendance. Blocks on the store: not for a loop's thread.
class MessagePages {
 public:
  /// How messages of a feed are read, for what is told of them.
  using Reading = std::function<hl7v2::ExplainSettings(std::string_view feed)>;
  MessagePages(store::Database& database, const Clock& clock, Reading reading,
               std::function<void()> messages_wait)
      : database_{database},
        clock_{clock},
        reading_{std::move(reading)},
        messages_wait_{std::move(messages_wait)} {}

  http::Response list(const http::QueryString& query) const;
  /// `below` is the path after `/admin/messages/`.
  http::Response get(std::string_view below, const http::QueryString& query,
                     const auth::Identity& who) const;
  http::Response post(std::string_view below, const http::QueryString& query,
                      const auth::Identity& who) const;

 private:
  http::Response full(std::int64_t id, const auth::Identity& who) const;
  http::Response replay(const store::InboxWanted& wanted, const auth::Identity& who) const;
  Status trace(store::Session& session, const auth::Identity& who, std::string_view action,
               std::string_view subject) const;

  store::Database& database_;
  const Clock& clock_;
  Reading reading_;
  std::function<void()> messages_wait_;
  store::InboxStore inbox_;
  store::AuditStore audit_;
};

}  // namespace cpis::fhir_api
