#include "gateway/net/mesh_client.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "gateway/edge/ids.h"
#include "gateway/http/gzip.h"

namespace cpis::net {
namespace {

using mesh::Operation;

constexpr std::size_t pages_max = 1000;

mesh::Call make_call(Operation operation, const mesh::Credentials& who, std::string message = "",
                     std::size_t chunk = 1) {
  mesh::Call call;
  call.operation = operation;
  call.mailbox = who.mailbox;
  call.message = std::move(message);
  call.chunk = chunk;
  return call;
}

// Why an answer is none of the good ones. No text of ours or theirs holds personal data.
Error trouble_of(const HttpOutcome& outcome) {
  if (outcome.kind != HttpOutcome::Kind::answered) return outcome.why;
  const mesh::MeshError error = mesh::read_error(outcome.body);
  std::string text = "MESH answered " + std::to_string(outcome.status);
  if (!error.code.empty()) text += ", code " + error.code;
  if (!error.text.empty()) text += ": " + error.text;
  const ErrorKind kind = outcome.status == 403                            ? ErrorKind::forbidden
                         : outcome.status == 404 || outcome.status == 410 ? ErrorKind::not_found
                         : outcome.status >= 500 || outcome.status == 429 ? ErrorKind::unavailable
                                                                          : ErrorKind::bad_input;
  return {kind, text};
}

PostOutcome refusal_of(const HttpOutcome& outcome, std::string id) {
  using Kind = PostOutcome::Kind;
  if (outcome.kind == HttpOutcome::Kind::not_sent) {
    return {Kind::later, std::move(id), "", outcome.why.message};
  }
  if (outcome.kind == HttpOutcome::Kind::lost) {
    return {Kind::unknown, std::move(id), "", outcome.why.message};
  }
  const mesh::MeshError error = mesh::read_error(outcome.body);
  const mesh::Retry retry = mesh::retry_of(outcome.status, error);
  // A server in trouble, or a proxy before it, may have passed the request on.
  const bool doubtful = outcome.status >= 500 && outcome.status != 503;
  const Kind kind = retry == mesh::Retry::never           ? Kind::rejected
                    : retry == mesh::Retry::configuration ? Kind::refused
                    : doubtful                            ? Kind::unknown
                                                          : Kind::later;
  return {kind, std::move(id), error.code, trouble_of(outcome).message};
}

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

}  // namespace

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), out.data(), &length);
  return {reinterpret_cast<const char*>(out.data()), length};
}

MeshClient::MeshClient(MeshSettings settings, HttpSender& sender, const Clock& clock)
    : settings_{std::move(settings)}, sender_{sender}, clock_{clock} {}

HttpOutcome MeshClient::get(std::string_view method, const std::string& target,
                            const mesh::Headers& more, std::string body) {
  HttpCall call;
  call.method = method;
  call.url = settings_.url + target;
  call.headers = {{"Accept", std::string{mesh::accept_v2}},
                  {"Accept-Encoding", "gzip"},
                  {"User-Agent", settings_.client_version},
                  {"Authorization", mesh::authorization(settings_.who, random_uuid(), 0,
                                                        clock_.now(), hmac_sha256)}};
  call.headers.insert(call.headers.end(), more.begin(), more.end());
  call.body = std::move(body);
  return sender_.send(call);
}

HttpOutcome MeshClient::call(const mesh::Call& call, const mesh::Headers& more, std::string body) {
  const mesh::Line line = mesh::write_call(call);
  return get(line.method, line.target, more, std::move(body));
}

Status MeshClient::handshake() {
  utsname system{};
  uname(&system);
  const mesh::ClientWords words{settings_.client_version, system.sysname, system.release,
                                system.machine};
  const HttpOutcome outcome =
      call(make_call(Operation::handshake, settings_.who), mesh::handshake_headers(words));
  if (outcome.kind == HttpOutcome::Kind::answered && outcome.status == 200) return done;
  return trouble_of(outcome);
}

Result<std::vector<std::string>> MeshClient::waiting(std::size_t most) {
  std::vector<std::string> ids;
  std::set<std::string> seen;
  std::string target = mesh::write_call(make_call(Operation::list_inbox, settings_.who)).target;
  for (std::size_t i = 0; i < pages_max; ++i) {
    const HttpOutcome outcome = get("GET", target, {}, {});
    if (outcome.kind != HttpOutcome::Kind::answered || outcome.status != 200) {
      return trouble_of(outcome);
    }
    const auto page = mesh::read_inbox(outcome.body);
    if (!page) return page.error();
    for (const std::string& id : page->messages) {
      if (ids.size() >= most) return ids;
      if (seen.insert(id).second) ids.push_back(id);
    }
    if (page->next.empty() || page->messages.empty()) return ids;
    auto next = mesh::next_page(page->next, settings_.who.mailbox);
    if (!next) return Error{ErrorKind::bad_input, "the inbox goes on at another place"};
    target = *std::move(next);
  }
  return ids;
}

Result<IncomingParcel> MeshClient::fetch(const std::string& id) {
  IncomingParcel parcel;
  std::size_t chunk = 1;
  while (chunk != 0) {
    const Operation operation = chunk == 1 ? Operation::download : Operation::download_chunk;
    HttpOutcome outcome = call(make_call(operation, settings_.who, id, chunk));
    const bool good = outcome.kind == HttpOutcome::Kind::answered &&
                      (outcome.status == 200 || outcome.status == 206);
    if (!good) return trouble_of(outcome);
    const mesh::MessageHead head = mesh::read_head(outcome.headers);
    if (chunk == 1) {
      const bool report = head.kind == mesh::MessageHead::Kind::report;
      parcel = {report ? IncomingParcel::Kind::report : IncomingParcel::Kind::data,
                id,
                head.from,
                head.workflow,
                head.local_id,
                head.file_name,
                head.linked_message,
                head.status_code,
                head.status_text,
                ""};
      if (report) return parcel;
    }
    const auto next = mesh::next_chunk(outcome.status, head.range, chunk);
    if (!next) return next.error();
    const std::size_t room = settings_.content_bytes_max - parcel.content.size();
    if (head.gzip) {
      auto plain = http::gunzip(outcome.body, room);
      if (!plain) return Error{ErrorKind::bad_input, "a chunk is not the gzip it says it is"};
      parcel.content += *plain;
    } else if (outcome.body.size() > room) {
      return Error{ErrorKind::bad_input, "the file is too large"};
    } else {
      parcel.content += outcome.body;
    }
    chunk = *next;
  }
  // Some senders compress the file themselves and do not say so. XML never begins like this.
  if (!is_gzip(parcel.content)) return parcel;
  auto plain = http::gunzip(parcel.content, settings_.content_bytes_max);
  if (!plain) return Error{ErrorKind::bad_input, "the file is damaged gzip"};
  parcel.content = *std::move(plain);
  return parcel;
}

Status MeshClient::acknowledge(const std::string& id) {
  const HttpOutcome outcome = call(make_call(Operation::acknowledge, settings_.who, id));
  const bool answered = outcome.kind == HttpOutcome::Kind::answered;
  // Gone or not there: it was acknowledged before.
  if (answered && (outcome.status == 200 || outcome.status == 410 || outcome.status == 404)) {
    return done;
  }
  return trouble_of(outcome);
}

std::string MeshClient::chunk_of(std::string_view content, std::size_t number) const {
  const std::string_view piece =
      content.substr((number - 1) * settings_.chunk_bytes, settings_.chunk_bytes);
  return settings_.gzip ? http::gzip(piece) : std::string{piece};
}

PostOutcome MeshClient::post(const OutgoingParcel& parcel, const std::string& resume_id) {
  const std::size_t size = std::max<std::size_t>(1, parcel.content.size());
  const std::size_t total = (size + settings_.chunk_bytes - 1) / settings_.chunk_bytes;
  if (total > mesh::chunks_max) {
    return {PostOutcome::Kind::rejected, "", "", "the file needs too many chunks"};
  }
  if (!resume_id.empty()) return post_chunks(parcel, total, resume_id);
  mesh::Envelope envelope;
  envelope.from = settings_.who.mailbox;
  envelope.to = parcel.to;
  envelope.workflow = parcel.workflow;
  envelope.local_id = parcel.local_id;
  envelope.subject = parcel.subject;
  envelope.file_name = parcel.file_name;
  envelope.content_type = "application/xml";
  envelope.gzip = settings_.gzip;
  envelope.range = {1, total};
  const auto headers = mesh::write_envelope(envelope);
  if (!headers) return {PostOutcome::Kind::refused, "", "06", headers.error().message};
  const HttpOutcome outcome =
      call(make_call(Operation::send, settings_.who), *headers, chunk_of(parcel.content, 1));
  if (outcome.kind != HttpOutcome::Kind::answered || outcome.status / 100 != 2) {
    return refusal_of(outcome, "");
  }
  const auto id = mesh::read_sent(outcome.body);
  if (!id) return {PostOutcome::Kind::unknown, "", "", id.error().message};
  return post_chunks(parcel, total, *id);
}

PostOutcome MeshClient::post_chunks(const OutgoingParcel& parcel, std::size_t total,
                                    std::string id) {
  for (std::size_t number = 2; number <= total; ++number) {
    const HttpOutcome outcome = call(make_call(Operation::send_chunk, settings_.who, id, number),
                                     mesh::chunk_headers({number, total}, settings_.gzip),
                                     chunk_of(parcel.content, number));
    // Locked: all chunks are there.
    if (outcome.kind == HttpOutcome::Kind::answered && outcome.status == 423) break;
    if (outcome.kind == HttpOutcome::Kind::answered && outcome.status / 100 == 2) continue;
    PostOutcome refusal = refusal_of(outcome, id);
    // The first chunk stands there under our local id: never begin anew beside it.
    if (refusal.kind == PostOutcome::Kind::later) refusal.kind = PostOutcome::Kind::unknown;
    return refusal;
  }
  return {PostOutcome::Kind::accepted, std::move(id), "", ""};
}

Result<Whereabouts> MeshClient::find(const std::string& local_id) {
  const HttpOutcome outcome = call(make_call(Operation::track_local, settings_.who, local_id));
  if (outcome.kind == HttpOutcome::Kind::answered && outcome.status == 404) return Whereabouts{};
  if (outcome.kind != HttpOutcome::Kind::answered || outcome.status != 200) {
    return trouble_of(outcome);
  }
  const auto tracking = mesh::read_tracking(outcome.body);
  if (!tracking) return tracking.error();
  Whereabouts::Kind kind = Whereabouts::Kind::delivered;
  if (tracking->stage == mesh::Stage::uploading) kind = Whereabouts::Kind::incomplete;
  if (tracking->stage == mesh::Stage::failed) kind = Whereabouts::Kind::failed;
  if (tracking->stage == mesh::Stage::unknown) {
    return Error{ErrorKind::unsupported, "a status of MESH that this program does not know"};
  }
  return Whereabouts{kind, tracking->message_id, tracking->status_code};
}

}  // namespace cpis::net
