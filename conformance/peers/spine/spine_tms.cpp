#include <future>
#include <utility>

#include "adapters/spine/answer.h"
#include "adapters/spine/query.h"
#include "adapters/spine/soap.h"
#include "adapters/spine/spine_checks.h"
#include "conformance/peers/spine/spine_state.h"

namespace cpis::peers {
namespace {

using spine::Pattern;

// A message that was understood: the query, and what its answer has to refer to.
struct Incoming {
  Pattern pattern;
  spine::Query query;
  spine::EbxmlHeader header;  ///< asynchronous only
};

PeerReply fault(const std::string& code, const std::string& description) {
  const spine::SoapFault fault{
      "SOAP:Server",
      "Application Exception",
      {{"urn:nhs:names:error:tms", code, "Error", "Not Supported", description}}};
  return {500, "text/xml; charset=utf-8", spine::write_fault(fault)};
}

ProtectionAnswer ask(SpinePeer::State& state, const Incoming& in) {
  std::promise<ProtectionAnswer> promise;
  auto future = promise.get_future();
  const AccessEvent& event = in.query.event;
  const Time now = state.clock.now();
  state.source.ask({event.id, event.person, event.by, event.at, now + std::chrono::seconds{20}},
                   [&](ProtectionAnswer answer) { promise.set_value(std::move(answer)); });
  return future.get();
}

// The bare interaction element that answers the query.
std::string answer_payload(SpinePeer::State& state, const Incoming& in, Misbehaviour how,
                           std::string& interaction) {
  if (how == Misbehaviour::garbage) {
    interaction = spine::interaction::records;
    return "<html><body>Service here</body></html>";
  }
  const ProtectionAnswer answer = ask(state, in);
  spine::Wrapper wrapper;
  wrapper.message_id = peer_uuid();
  wrapper.created = state.clock.now();
  wrapper.to_asid = in.query.from_asid;
  wrapper.from_asid = state.settings.asid;
  wrapper.refers_to = how == Misbehaviour::wrong_reference ? peer_uuid() : in.query.message_id;
  if (how == Misbehaviour::mcci_error) {
    interaction = spine::interaction::application_ack;
    return spine::write_application_ack(
        wrapper, {{"0001", "SIMULATED_ERROR", "An error that was asked for", "ER"}});
  }
  const auto* record = std::get_if<ProtectionRecord>(&answer);
  if (record == nullptr || how == Misbehaviour::nrf) {
    interaction = spine::interaction::query_failed;
    return spine::write_query_failed(wrapper, {spine::no_records_reason()});
  }
  interaction = spine::interaction::records;
  return spine::write_records(wrapper, peer_uuid(), state.clock.now(), *record);
}

void deliver(SpinePeer::State& state, const Incoming& in, Misbehaviour how) {
  std::string interaction;
  const std::string payload = answer_payload(state, in, how, interaction);
  spine::EbxmlHeader header;
  header.from_party = in.header.to_party;
  header.to_party = in.header.from_party;
  header.cpa_id = in.header.cpa_id;
  header.conversation_id = in.header.conversation_id;
  header.service = spine::query_service;
  header.action = interaction;
  header.message_id = peer_uuid();
  header.ref_to_message_id =
      how == Misbehaviour::wrong_reference ? peer_uuid() : in.header.message_id;
  header.timestamp = state.clock.now();
  header.ack_requested = in.pattern == Pattern::reliable;
  header.duplicate_elimination = header.ack_requested;
  const spine::HttpContent content = spine::write_ebxml(header, payload);
  state.post.post(content);
  if (how != Misbehaviour::twice) return;
  state.post.post(content);         // the same message again
  header.message_id = peer_uuid();  // and the same answer in a new one
  state.post.post(spine::write_ebxml(header, payload));
}

void deliver_later(SpinePeer::State& state, Incoming in, Misbehaviour how) {
  if (how == Misbehaviour::never) return;
  const auto delay =
      how == Misbehaviour::late ? state.settings.late_by : std::chrono::milliseconds{0};
  state.post.later(delay, [&state, in = std::move(in), how] { deliver(state, in, how); });
}

PeerReply answer_sync(SpinePeer::State& state, const Incoming& in, Misbehaviour how) {
  const bool silent = how == Misbehaviour::never;
  if (silent || how == Misbehaviour::late) {
    state.pause(silent ? state.settings.late_by * 3 : state.settings.late_by);
  }
  std::string interaction;
  const std::string payload = answer_payload(state, in, how, interaction);
  if (how == Misbehaviour::garbage) return {200, "text/html", payload};
  // Spine puts its answers into an outer element of the response's name (spine.md 5).
  std::string wrapped = payload;
  if (interaction == spine::interaction::records) {
    wrapped = "<" + std::string{spine::payload_element} + ">" + payload + "</" +
              std::string{spine::payload_element} + ">";
  }
  const std::string request_id =
      how == Misbehaviour::wrong_reference ? peer_uuid() : in.query.message_id;
  const spine::SoapHeader header{peer_uuid(),
                                 std::string{spine::query_service} + "/" + interaction,
                                 "",
                                 "https://cpisquery.example/syncservice",
                                 "",
                                 request_id,
                                 in.query.from_asid,
                                 state.settings.asid};
  return {200, "text/xml; charset=utf-8", spine::write_soap(header, wrapped), how};
}

// The envelope of an asynchronous message, with Spine's complaints about it; the payload is left.
bool open_envelope(Pattern pattern, std::string_view content_type, const std::string& body,
                   spine::EbxmlHeader& header, std::string& payload, spine::SpineFaults& faults) {
  Findings findings;
  auto parts = spine::read_mime(content_type, body);
  if (!parts.value || parts.value->size() < 2) return false;
  const auto envelope = spine::parse_xml(parts.value->front().body, findings);
  if (!envelope) return false;
  auto message = spine::read_ebxml(envelope->root());
  if (!message.value) return false;
  header = std::move(message.value->header);
  payload = std::move((*parts.value)[1].body);
  faults = spine::check_ebxml(envelope->root(), pattern);
  return true;
}

// The message with Spine's complaints about it; nothing when it cannot be read at all.
std::optional<Incoming> read_incoming(Pattern pattern, std::string_view content_type,
                                      const std::string& body, spine::SpineFaults& faults) {
  Findings findings;
  spine::EbxmlHeader header;
  std::string payload;
  const bool sync = pattern == Pattern::sync;
  if (!sync && !open_envelope(pattern, content_type, body, header, payload, faults)) {
    return std::nullopt;
  }
  const auto document = spine::parse_xml(sync ? body : payload, findings);
  if (!document) return std::nullopt;
  if (sync) faults = spine::check_soap(document->root());
  const spine::SpineFaults query_faults =
      spine::check_query(document->root().find(spine::interaction::query, 4));
  faults.insert(faults.end(), query_faults.begin(), query_faults.end());
  auto query = spine::read_query(document->root());
  if (!query.value) return std::nullopt;
  return Incoming{pattern, std::move(*query.value), std::move(header)};
}

PeerReply accepted(SpinePeer::State& state, const Incoming& in, Misbehaviour how) {
  PeerReply reply{202, "text/xml; charset=utf-8"};
  if (in.pattern == Pattern::reliable) {
    reply.body = spine::write_acknowledgment(in.header, peer_uuid(), state.clock.now()).body;
  } else if (how == Misbehaviour::cut_off || how == Misbehaviour::slow_drip) {
    reply.body = std::string(200, ' ');  // blank, so that only its length matters
  }
  reply.wire = how;
  return reply;
}

}  // namespace

PeerReply answer_messaging(SpinePeer::State& state, Pattern pattern, std::string_view content_type,
                           const std::string& body, std::optional<Misbehaviour> told) {
  spine::SpineFaults faults;
  const auto in = read_incoming(pattern, content_type, body, faults);
  if (!in) return fault("201", "MESSAGE_NOT_WELL_FORMED");
  if (!faults.empty()) return fault("201", spine::in_words(faults));
  const AccessEvent& event = in->query.event;
  const Misbehaviour how = told ? *told : state.scripted(event.person);
  bool first_time = false;
  bool fault_now = false;
  {
    const std::lock_guard lock{state.mutex};
    state.seen.push_back({in->query.message_id, event.id, event.person});
    fault_now = how == Misbehaviour::passing_fault &&
                state.faulted_once.insert(in->query.message_id).second;
    if (!fault_now) first_time = state.message_ids.insert(in->query.message_id).second;
  }
  if (fault_now) return fault("200", "System failure to process message - default");
  if (how == Misbehaviour::http_500) return {500, "text/plain", "trouble"};
  if (how == Misbehaviour::soap_fault) return fault("300", "Access denied");
  if (!first_time && pattern != Pattern::reliable) return fault("401", "Duplicate message id");
  if (pattern == Pattern::sync) return answer_sync(state, *in, how);
  if (first_time) deliver_later(state, *in, how);
  // Duplicate elimination: acknowledged again, in peace this time, and not processed.
  return accepted(state, *in, first_time ? how : Misbehaviour::none);
}

}  // namespace cpis::peers
