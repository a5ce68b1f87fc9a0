#include "conformance/peers/mesh/mesh_office.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "adapters/mesh/codes.h"
#include "conformance/peers/mesh/gzip.h"

namespace cpis::peers {
namespace {

using mesh::Operation;
using mesh::Stage;

constexpr std::size_t messages_max = 100'000;
constexpr std::size_t calls_max = 10'000;
constexpr std::size_t chunk_bytes_max = std::size_t{100} * 1000 * 1000;

std::string hmac(std::string_view key, std::string_view message) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), out.data(), &length);
  return {reinterpret_cast<const char*>(out.data()), length};
}

OfficeReply json(int status, std::string body, int version) {
  return {status,
          {{"Content-Type",
            version > 1 ? std::string{mesh::accept_v2} : std::string{"application/json"}}},
          std::move(body),
          MeshFault::none};
}

OfficeReply error(int status, std::string_view code, int version, std::string message_id = "") {
  const mesh::CodeRow* row = mesh::find_code(code);
  const mesh::MeshError told{
      std::move(message_id), row != nullptr ? std::string{row->event} : std::string{"SEND"},
      std::string{code}, row != nullptr ? std::string{row->text} : std::string{code}};
  return json(status, mesh::write_error(told, version), version);
}

OfficeReply forbidden(std::string_view why) {
  return {403,
          {{"Content-Type", "application/json"}},
          "{\"detail\":\"" + std::string{why} + "\"}",
          MeshFault::none};
}

bool holds(const std::vector<std::string>& list, const std::string& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

}  // namespace

std::string OfficeMessage::content() const {
  std::string whole;
  for (const std::string& chunk : chunks) {
    whole += gzip ? gunzip(chunk).value_or(std::string{}) : chunk;
  }
  return whole;
}

MeshOffice::MeshOffice(OfficeSettings settings, const Clock& clock)
    : settings_{std::move(settings)}, clock_{clock} {}

const OfficeMailbox* MeshOffice::mailbox(std::string_view id) const {
  for (const OfficeMailbox& one : settings_.mailboxes) {
    if (one.id == id) return &one;
  }
  return nullptr;
}

std::string MeshOffice::next_id() {
  std::string number = std::to_string(++counter_);
  number.insert(0, 6 - std::min<std::size_t>(6, number.size()), '0');
  return mesh::write_timestamp(clock_.now()) + number + "_5E5A00";
}

OfficeReply MeshOffice::handle(std::string_view method, std::string_view target,
                               const mesh::Headers& headers, std::string body) {
  const std::lock_guard lock{mutex_};
  const auto version = mesh::api_version(mesh::header(headers, "Accept"));
  if (!version) return error(400, "06", 1);
  auto call = mesh::read_call(method, target);
  if (!call) return error(404, "20", *version);
  if (calls_.size() < calls_max) {
    calls_.push_back({call->operation, std::string{mesh::header(headers, "traceparent")}});
  }
  if (auto refused = refuse(*call, headers, *version)) return *std::move(refused);
  MeshFault fault = MeshFault::none;
  if (const auto scripted = script_.find(call->operation); scripted != script_.end()) {
    fault = scripted->second.first;
    if (--scripted->second.second <= 0) script_.erase(scripted);
  }
  if (fault == MeshFault::refused) return {503, {}, "", MeshFault::none};
  if (fault == MeshFault::no_auth) {
    return forbidden(mesh::text_of(mesh::TokenFault::wrong_hash));
  }
  Asked asked{*std::move(call), headers, std::move(body), *version};
  OfficeReply reply = act(asked);
  reply.fault = fault;
  if (fault == MeshFault::bad_chunk && !reply.body.empty()) {
    reply.body[reply.body.size() / 2] = static_cast<char>(reply.body[reply.body.size() / 2] ^ 0x55);
    reply.body.back() = static_cast<char>(reply.body.back() ^ 0x55);
  }
  return reply;
}

std::optional<OfficeReply> MeshOffice::refuse(const mesh::Call& call, const mesh::Headers& headers,
                                              int) {
  if (call.operation == Operation::endpoint_lookup || call.operation == Operation::workflow_search)
    return std::nullopt;
  const auto token = mesh::read_authorization(mesh::header(headers, "Authorization"));
  if (!token) return forbidden(token.error().message);
  const OfficeMailbox* box = mailbox(call.mailbox);
  if (box == nullptr) return forbidden("No mailbox matched");
  const mesh::Credentials who{box->id, box->password, settings_.shared_key};
  const mesh::TokenFault fault = mesh::check(*token, who, clock_.now(), hmac, used_);
  if (fault == mesh::TokenFault::none) return std::nullopt;
  return forbidden(mesh::text_of(fault));
}

OfficeReply MeshOffice::act(Asked& asked) {
  switch (asked.call.operation) {
    case Operation::handshake:
      for (const char* needed : {"mex-ClientVersion", "mex-OSName", "mex-OSVersion"}) {
        if (mesh::header(asked.headers, needed).empty()) return error(400, "06", asked.version);
      }
      ++handshakes_[asked.call.mailbox];
      return json(200, "{\"mailboxId\":\"" + asked.call.mailbox + "\"}", asked.version);
    case Operation::list_inbox:
      return list(asked);
    case Operation::count_inbox: {
      Asked all = asked;
      all.call.max_results = mesh::page_max;
      const auto page = mesh::read_inbox(list(all).body);
      const std::size_t count = page ? page->messages.size() : 0;
      return json(200, "{\"count\":" + std::to_string(count) + '}', asked.version);
    }
    case Operation::download:
    case Operation::head_message:
    case Operation::download_chunk:
      return download(asked);
    case Operation::acknowledge:
      return acknowledge(asked);
    case Operation::send:
      return send(asked);
    case Operation::send_chunk:
      return send_chunk(asked);
    case Operation::track_message:
    case Operation::track_local:
      return track(asked);
    case Operation::endpoint_lookup:
    case Operation::workflow_search:
      break;
  }
  return look_up(asked);
}

OfficeReply MeshOffice::list(const Asked& asked) const {
  const mesh::Call& call = asked.call;
  mesh::InboxPage page;
  page.approximate_count = 0;
  bool passed = call.continue_from.empty();
  std::string last;
  for (const std::string& id : order_) {
    const OfficeMessage& message = by_id_.at(id);
    const bool there = message.head.to == call.mailbox && message.stage == Stage::accepted;
    if (there && mesh::filter_takes(call.workflow_filter, message.head.workflow)) {
      ++*page.approximate_count;
      if (passed && page.messages.size() == call.max_results && page.next.empty()) {
        mesh::Call next = call;
        next.continue_from = last;
        page.next = mesh::write_call(next).target;
      }
      if (passed && page.messages.size() < call.max_results) page.messages.push_back(id);
      last = id;
    }
    if (id == call.continue_from) passed = true;
  }
  return json(200, mesh::write_inbox(page, mesh::write_call(call).target, asked.version),
              asked.version);
}

OfficeReply MeshOffice::download(const Asked& asked) const {
  const auto found = by_id_.find(asked.call.message);
  if (found == by_id_.end()) return error(404, "20", asked.version);
  const OfficeMessage& message = found->second;
  if (message.head.to != asked.call.mailbox) return forbidden("No mailbox matched");
  if (message.stage == Stage::acknowledged || message.stage == Stage::failed) {
    return error(410, "20", asked.version);
  }
  const std::size_t chunk = asked.call.chunk;
  OfficeReply reply{200, {}, "", MeshFault::none};
  mesh::MessageHead head = message.head;
  if (head.kind == mesh::MessageHead::Kind::data) {
    if (chunk > message.chunks.size()) return error(404, "20", asked.version);
    head.range = mesh::ChunkRange{chunk, message.total};
    reply.body = message.chunks[chunk - 1];
    head.gzip = message.gzip;
    const bool takes_gzip =
        mesh::header(asked.headers, "Accept-Encoding").find("gzip") != std::string_view::npos;
    if (message.gzip && !takes_gzip) {
      reply.body = gunzip(reply.body).value_or(std::string{});
      head.gzip = false;
    } else if (!message.gzip && takes_gzip && asked.version > 1) {
      reply.body = gzip(reply.body);
      head.gzip = true;
    }
    if (chunk < message.total) reply.status = 206;
  }
  reply.headers = mesh::write_head(head);
  reply.headers.emplace_back("Content-Type", "application/octet-stream");
  if (asked.call.operation == Operation::head_message) reply.body.clear();
  return reply;
}

OfficeReply MeshOffice::acknowledge(const Asked& asked) {
  const auto found = by_id_.find(asked.call.message);
  if (found == by_id_.end()) return error(404, "20", asked.version);
  if (found->second.head.to != asked.call.mailbox) return forbidden("No mailbox matched");
  if (found->second.stage == Stage::accepted) {
    found->second.stage = Stage::acknowledged;
    found->second.since = clock_.now();
  }
  if (asked.version > 1) return {200, {}, "", MeshFault::none};
  return json(200, "{\"messageId\":\"" + asked.call.message + "\"}", 1);
}

std::optional<OfficeReply> MeshOffice::refuse_route(const mesh::Envelope& envelope,
                                                    int version) const {
  if (mailbox(envelope.to) == nullptr) return error(417, "12", version);
  if (settings_.workflows.empty()) return std::nullopt;
  for (const OfficeWorkflow& workflow : settings_.workflows) {
    if (workflow.id != envelope.workflow) continue;
    if (!holds(workflow.senders, envelope.from)) return error(417, "16", version);
    if (!holds(workflow.receivers, envelope.to)) return error(417, "17", version);
    return std::nullopt;
  }
  return error(417, "17", version);
}

std::string MeshOffice::keep(OfficeMessage message) {
  if (order_.size() >= messages_max) return {};
  message.head.message_id = next_id();
  message.since = clock_.now();
  order_.push_back(message.head.message_id);
  return by_id_.emplace(message.head.message_id, std::move(message)).first->first;
}

OfficeReply MeshOffice::send(Asked& asked) {
  if (mesh::header(asked.headers, "mex-To").empty()) return error(400, "08", asked.version);
  auto envelope = mesh::read_envelope(asked.headers);
  if (!envelope) {
    const ErrorKind kind = envelope.error().kind;
    return error(kind == ErrorKind::bad_input ? 400 : 417, "06", asked.version);
  }
  if (!envelope->from.empty() && envelope->from != asked.call.mailbox) {
    return error(417, "07", asked.version);
  }
  envelope->from = asked.call.mailbox;
  if (envelope->range.number != 1) return error(417, "06", asked.version);
  if (auto refused = refuse_route(*envelope, asked.version)) return *std::move(refused);
  if (asked.body.empty()) return error(417, "02", asked.version);
  if (asked.body.size() > chunk_bytes_max) return error(413, "02", asked.version);
  OfficeMessage message;
  message.head.from = envelope->from;
  message.head.to = envelope->to;
  message.head.workflow = envelope->workflow;
  message.head.local_id = envelope->local_id;
  message.head.file_name = envelope->file_name;
  message.head.subject = envelope->subject;
  message.head.status_code = "00";
  message.head.status_event = "TRANSFER";
  message.gzip = envelope->gzip;
  message.total = envelope->range.total;
  message.chunks.push_back(std::move(asked.body));
  message.stage = message.total == 1 ? Stage::accepted : Stage::uploading;
  return json(202, mesh::write_sent(keep(std::move(message)), asked.version), asked.version);
}

OfficeReply MeshOffice::send_chunk(Asked& asked) {
  const auto found = by_id_.find(asked.call.message);
  if (found == by_id_.end()) return error(404, "20", asked.version);
  OfficeMessage& message = found->second;
  const std::string& id = asked.call.message;
  if (message.head.from != asked.call.mailbox) return forbidden("No mailbox matched");
  if (message.stage != Stage::uploading) return error(423, "20", asked.version, id);
  const auto range = mesh::read_range(mesh::header(asked.headers, "mex-Chunk-Range"));
  if (!range || range->number != asked.call.chunk) return error(417, "06", asked.version, id);
  if (range->number > message.total) return error(406, "06", asked.version, id);
  const bool gzip = mesh::header(asked.headers, "Content-Encoding") == "gzip";
  if (range->total != message.total || gzip != message.gzip || asked.body.empty()) {
    return error(417, "06", asked.version, id);
  }
  // A chunk may come again after a lost answer; a gap may not.
  if (range->number > message.chunks.size() + 1) return error(406, "06", asked.version, id);
  message.chunks.resize(std::max(message.chunks.size(), range->number));
  message.chunks[range->number - 1] = std::move(asked.body);
  if (message.chunks.size() == message.total) {
    message.stage = Stage::accepted;
    message.since = clock_.now();
  }
  return json(202, mesh::write_sent(id, asked.version), asked.version);
}

OfficeReply MeshOffice::track(const Asked& asked) const {
  const bool by_local = asked.call.operation == Operation::track_local;
  const OfficeMessage* found = nullptr;
  std::size_t matches = 0;
  for (const auto& [id, message] : by_id_) {
    const std::string& key = by_local ? message.head.local_id : id;
    if (message.head.from != asked.call.mailbox || key != asked.call.message) continue;
    if (message.head.kind != mesh::MessageHead::Kind::data) continue;
    found = &message;
    ++matches;
  }
  if (matches == 0) return error(404, "20", asked.version);
  if (matches > 1) return error(300, "20", asked.version);
  mesh::Tracking tracking{found->head.message_id,
                          found->head.local_id,
                          found->head.workflow,
                          found->head.to,
                          std::string{mesh::name_of(found->stage)},
                          found->head.status_code,
                          "",
                          found->stage};
  return json(200, mesh::write_tracking(tracking, asked.version), asked.version);
}

OfficeReply MeshOffice::look_up(const Asked& asked) const {
  std::string results;
  for (const OfficeMailbox& box : settings_.mailboxes) {
    const bool all = asked.call.operation == Operation::workflow_search;
    if (!all && box.ods_code != asked.call.mailbox) continue;
    if (!results.empty()) results += ',';
    results += "{\"mailbox_id\":\"" + box.id + "\",\"mailbox_name\":\"" + box.id + "\"}";
  }
  return json(200, "{\"results\":[" + results + "]}", 2);
}

void MeshOffice::misbehave(Operation operation, MeshFault fault, int times) {
  const std::lock_guard lock{mutex_};
  script_[operation] = {fault, times};
}

void MeshOffice::deliver_twice(int count) {
  const std::lock_guard lock{mutex_};
  twice_ = count;
}

void MeshOffice::hold(bool on) {
  const std::lock_guard lock{mutex_};
  hold_ = on;
  if (on) return;
  for (auto& [id, message] : by_id_) {
    if (message.stage == Stage::unknown) message.stage = Stage::accepted;
  }
}

std::string MeshOffice::post(const mesh::Envelope& envelope, std::string content) {
  const std::lock_guard lock{mutex_};
  OfficeMessage message;
  message.head.from = envelope.from;
  message.head.to = envelope.to;
  message.head.workflow = envelope.workflow;
  message.head.local_id = envelope.local_id;
  message.head.file_name = envelope.file_name;
  message.head.status_code = "00";
  message.gzip = envelope.gzip;
  message.total = std::max<std::size_t>(1, envelope.range.total);
  const std::size_t size = content.size() / message.total + 1;
  for (std::size_t i = 0; i < message.total; ++i) {
    std::string piece = content.substr(std::min(content.size(), i * size), size);
    message.chunks.push_back(message.gzip ? gzip(piece) : std::move(piece));
  }
  if (hold_) message.stage = Stage::unknown;
  if (twice_ > 0) {
    --twice_;
    keep(message);
  }
  return keep(std::move(message));
}

std::vector<OfficeMessage> MeshOffice::collect(const std::string& mailbox) {
  const std::lock_guard lock{mutex_};
  std::vector<OfficeMessage> collected;
  for (const std::string& id : order_) {
    OfficeMessage& message = by_id_.at(id);
    if (message.head.to != mailbox || message.stage != Stage::accepted) continue;
    message.stage = Stage::acknowledged;
    collected.push_back(message);
  }
  return collected;
}

void MeshOffice::report(const std::string& message_id, std::string_view code) {
  const std::lock_guard lock{mutex_};
  const auto found = by_id_.find(message_id);
  if (found == by_id_.end()) return;
  found->second.stage = Stage::failed;
  found->second.head.status_code = code;
  const mesh::CodeRow* row = mesh::find_code(code);
  OfficeMessage message;
  message.head.kind = mesh::MessageHead::Kind::report;
  message.head.to = found->second.head.from;
  message.head.workflow = found->second.head.workflow;
  message.head.local_id = found->second.head.local_id;
  message.head.linked_message = message_id;
  message.head.status_code = code;
  message.head.status_event = "SEND";
  message.head.status_text = row == nullptr ? std::string{code} : std::string{row->text};
  keep(std::move(message));
}

std::size_t MeshOffice::expire() {
  std::vector<std::string> late;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [id, message] : by_id_) {
      const bool data = message.head.kind == mesh::MessageHead::Kind::data;
      if (!data || message.stage != Stage::accepted) continue;
      if (clock_.now() - message.since > settings_.collect_within) late.push_back(id);
    }
  }
  for (const std::string& id : late) report(id, "14");
  return late.size();
}

std::vector<OfficeCall> MeshOffice::calls() const {
  const std::lock_guard lock{mutex_};
  return calls_;
}

std::vector<OfficeMessage> MeshOffice::messages() const {
  const std::lock_guard lock{mutex_};
  std::vector<OfficeMessage> all;
  for (const std::string& id : order_) all.push_back(by_id_.at(id));
  return all;
}

std::size_t MeshOffice::handshakes(const std::string& mailbox) const {
  const std::lock_guard lock{mutex_};
  const auto found = handshakes_.find(mailbox);
  return found == handshakes_.end() ? 0 : found->second;
}

std::size_t MeshOffice::waiting(const std::string& mailbox) const {
  const std::lock_guard lock{mutex_};
  return static_cast<std::size_t>(std::count_if(by_id_.begin(), by_id_.end(), [&](const auto& one) {
    return one.second.head.to == mailbox && one.second.stage == Stage::accepted;
  }));
}

}  // namespace cpis::peers
