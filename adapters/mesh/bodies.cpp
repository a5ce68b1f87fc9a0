#include "adapters/mesh/bodies.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <initializer_list>

#include "adapters/mesh/codes.h"

namespace cpis::mesh {
namespace {

using Value = rapidjson::Value;
using Json = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr std::size_t text_bytes_max = 300;
constexpr unsigned parse_flags =
    rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;

bool parse(std::string_view body, rapidjson::Document& into) {
  if (body.size() > body_bytes_max) return false;
  into.Parse<parse_flags>(body.data(), body.size());
  return !into.HasParseError() && into.IsObject();
}

const Value* member(const Value& of, std::string_view name) {
  if (!of.IsObject()) return nullptr;
  const auto found =
      of.FindMember(Value{name.data(), static_cast<rapidjson::SizeType>(name.size())});
  return found == of.MemberEnd() ? nullptr : &found->value;
}

std::string_view view_of(const Value* value) {
  if (value == nullptr || !value->IsString()) return {};
  return {value->GetString(), value->GetStringLength()};
}

// The text of the first of these members that has one, cut at a length for logs.
std::string text(const Value& of, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const std::string_view found = view_of(member(of, name));
    if (!found.empty()) return std::string{found.substr(0, text_bytes_max)};
  }
  return {};
}

void put(Json& json, std::string_view name, std::string_view value) {
  json.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void put_if(Json& json, std::string_view name, std::string_view value) {
  if (!value.empty()) put(json, name, value);
}

std::string upper_first(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

Stage stage_of(const std::string& status, bool said_error) {
  const std::string word = lower(status);
  if (word == "acknowledged") return Stage::acknowledged;
  if (word == "uploading") return Stage::uploading;
  if (word == "undeliverable" || word == "error" || word == "failed") return Stage::failed;
  if (word == "accepted") return said_error ? Stage::failed : Stage::accepted;
  return Stage::unknown;
}

// `status_success` is a boolean in version 2 and SUCCESS or ERROR in version 1.
bool says_error(const Value& tracking) {
  const Value* success = member(tracking, "status_success");
  if (success != nullptr && success->IsBool()) return !success->GetBool();
  return lower(text(tracking, {"status_success", "statusSuccess"})) == "error";
}

std::string place_of(const Value& fault) {
  std::string place;
  const Value* loc = member(fault, "loc");
  if (loc == nullptr || !loc->IsArray()) return place;
  for (const Value& step : loc->GetArray()) {
    if (!step.IsString() || place.size() > text_bytes_max) continue;
    if (!place.empty()) place += '.';
    place += view_of(&step).substr(0, text_bytes_max);
  }
  return place;
}

}  // namespace

bool is_message_id(std::string_view text) {
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
  return !text.empty() && text.size() <= 100 && text != "." && text != ".." &&
         text.find_first_not_of(allowed) == std::string_view::npos;
}

Result<InboxPage> read_inbox(std::string_view body) {
  const Error refused{ErrorKind::bad_input, "the answer is not an inbox"};
  rapidjson::Document document;
  if (!parse(body, document)) return refused;
  const Value* messages = member(document, "messages");
  if (messages == nullptr || !messages->IsArray()) return refused;
  InboxPage page;
  for (const Value& message : messages->GetArray()) {
    const std::string_view id = view_of(&message);
    if (!is_message_id(id)) return Error{ErrorKind::bad_input, "the inbox has an id that is none"};
    page.messages.emplace_back(id);
  }
  if (const Value* links = member(document, "links")) page.next = view_of(member(*links, "next"));
  const Value* count = member(document, "approx_inbox_count");
  if (count != nullptr && count->IsUint64()) {
    page.approximate_count = static_cast<std::size_t>(count->GetUint64());
  }
  return page;
}

std::string write_inbox(const InboxPage& page, std::string_view self, int version) {
  rapidjson::StringBuffer buffer;
  Json json{buffer};
  json.StartObject();
  json.Key("messages");
  json.StartArray();
  for (const std::string& id : page.messages) json.String(id.c_str());
  json.EndArray();
  if (version > 1) {
    json.Key("links");
    json.StartObject();
    put(json, "self", self);
    put_if(json, "next", page.next);
    json.EndObject();
    if (page.approximate_count) {
      json.Key("approx_inbox_count");
      json.Uint64(*page.approximate_count);
    }
  }
  json.EndObject();
  return buffer.GetString();
}

Result<std::string> read_sent(std::string_view body) {
  rapidjson::Document document;
  std::string id;
  if (parse(body, document)) id = text(document, {"message_id", "messageID"});
  if (!is_message_id(id)) return Error{ErrorKind::bad_input, "the answer has no message id"};
  return id;
}

std::string write_sent(std::string_view message_id, int version) {
  rapidjson::StringBuffer buffer;
  Json json{buffer};
  json.StartObject();
  put(json, version > 1 ? "message_id" : "messageID", message_id);
  json.EndObject();
  return buffer.GetString();
}

std::string_view name_of(Stage stage) {
  constexpr std::array<std::string_view, 5> names{"uploading", "accepted", "acknowledged",
                                                  "undeliverable", "unknown"};
  return names[static_cast<std::size_t>(stage)];
}

Result<Tracking> read_tracking(std::string_view body) {
  rapidjson::Document document;
  if (!parse(body, document)) return Error{ErrorKind::bad_input, "the answer is not a tracking"};
  Tracking tracking;
  tracking.message_id = text(document, {"message_id", "messageId", "dtsId"});
  if (!is_message_id(tracking.message_id)) {
    return Error{ErrorKind::bad_input, "the tracking has no message id"};
  }
  tracking.local_id = text(document, {"local_id", "localId"});
  tracking.workflow = text(document, {"workflow_id", "workflowId"});
  tracking.recipient = text(document, {"recipient"});
  tracking.status = text(document, {"status"});
  tracking.status_code = text(document, {"status_code", "statusCode"});
  tracking.status_text = text(document, {"status_description", "statusDescription"});
  tracking.stage = stage_of(tracking.status, says_error(document));
  return tracking;
}

std::string write_tracking(const Tracking& tracking, int version) {
  rapidjson::StringBuffer buffer;
  Json json{buffer};
  json.StartObject();
  const bool two = version > 1;
  put(json, two ? "message_id" : "messageId", tracking.message_id);
  if (!two) put(json, "dtsId", tracking.message_id);
  put_if(json, two ? "local_id" : "localId", tracking.local_id);
  put_if(json, two ? "workflow_id" : "workflowId", tracking.workflow);
  put_if(json, "recipient", tracking.recipient);
  put(json, "status", two ? tracking.status : upper_first(tracking.status));
  put_if(json, two ? "status_code" : "statusCode", tracking.status_code);
  put_if(json, two ? "status_description" : "statusDescription", tracking.status_text);
  json.Key(two ? "status_success" : "statusSuccess");
  const bool failed = tracking.stage == Stage::failed;
  if (two) {
    json.Bool(!failed);
  } else {
    json.String(failed ? "ERROR" : "SUCCESS");
  }
  json.EndObject();
  return buffer.GetString();
}

MeshError read_error(std::string_view body) {
  MeshError error;
  rapidjson::Document document;
  if (!parse(body, document)) return error;
  error.message_id = text(document, {"message_id", "messageID"});
  error.event = text(document, {"errorEvent"});
  error.code = text(document, {"errorCode"});
  error.text = text(document, {"errorDescription", "message"});
  const Value* detail = member(document, "detail");
  if (detail == nullptr) return error;
  if (detail->IsString()) error.text = std::string{view_of(detail).substr(0, text_bytes_max)};
  if (!detail->IsArray() || detail->Empty()) return error;
  const Value& first = (*detail)[0];
  if (const std::string place = place_of(first); !place.empty()) {
    error.text = "refused: " + place;
    return error;
  }
  error.event = text(first, {"event"});
  error.code = text(first, {"code"});
  error.text = text(first, {"msg"});
  return error;
}

std::string write_error(const MeshError& error, int version) {
  rapidjson::StringBuffer buffer;
  Json json{buffer};
  json.StartObject();
  if (version > 1) {
    put_if(json, "message_id", error.message_id);
    json.Key("detail");
    json.StartArray();
    json.StartObject();
    put(json, "event", error.event);
    put(json, "code", error.code);
    put(json, "msg", error.text);
    json.EndObject();
    json.EndArray();
  } else {
    put_if(json, "messageID", error.message_id);
    put(json, "errorEvent", error.event);
    put(json, "errorCode", error.code);
    put(json, "errorDescription", error.text);
  }
  json.EndObject();
  return buffer.GetString();
}

Retry retry_of(int status, const MeshError& error) {
  if (remedy_of(error.code) == Remedy::content) return Retry::never;
  const bool busy = status == 408 || status == 425 || status == 429;
  return status >= 400 && status < 500 && !busy ? Retry::configuration : Retry::later;
}

}  // namespace cpis::mesh
