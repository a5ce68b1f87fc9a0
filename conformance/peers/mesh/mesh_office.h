#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "adapters/mesh/authorization.h"
#include "adapters/mesh/bodies.h"
#include "adapters/mesh/call.h"
#include "adapters/mesh/message.h"
#include "conformance/peers/mesh/mesh_fault.h"

namespace cpis::peers {

struct OfficeMailbox {
  std::string id;
  std::string password;
  std::string ods_code;
};
/// Who may send and receive messages of one workflow.
struct OfficeWorkflow {
  std::string id;
  std::vector<std::string> senders;
  std::vector<std::string> receivers;
};
struct OfficeSettings {
  std::string shared_key = "TestKey";
  std::vector<OfficeMailbox> mailboxes;
  std::vector<OfficeWorkflow> workflows;  ///< empty: any
  std::chrono::hours collect_within{120};
};

struct OfficeReply {
  int status = 200;
  mesh::Headers headers = {};
  std::string body = {};
  MeshFault fault = MeshFault::none;  ///< what is still to be spoilt on the wire
};

/// A message as one of the mailboxes holds it.
struct OfficeMessage {
  mesh::MessageHead head;
  std::vector<std::string> chunks;  ///< as they were sent
  bool gzip = false;
  std::size_t total = 1;
  mesh::Stage stage = mesh::Stage::accepted;
  Time since{};
  std::string content() const;  ///< decoded and joined
};

/// A call as it came, for whoever looks at how calls are traced.
struct OfficeCall {
  mesh::Operation operation;
  std::string traceparent;
};

/// What MESH does, without a network: mailboxes, tokens, chunks, tracking, reports. Checks what the
/// real one checks: each token once and within two hours, receivers and workflows registered,
/// ranges in order. Safe to call from many threads.
class MeshOffice {
 public:
  MeshOffice(OfficeSettings settings, const Clock& clock);

  OfficeReply handle(std::string_view method, std::string_view target, const mesh::Headers& headers,
                     std::string body);

  /// The next `times` calls of this operation go wrong like this.
  void misbehave(mesh::Operation operation, MeshFault fault, int times = 1);
  /// The next `count` messages from inside arrive under two ids each.
  void deliver_twice(int count);
  /// Messages from inside show up in their inbox only when `release` was called.
  void hold(bool on);

  // Inside: the parties that need no token, for the simulated CP-IS.
  std::string post(const mesh::Envelope& envelope, std::string content);
  std::vector<OfficeMessage> collect(const std::string& mailbox);
  /// A report about a message that its sender believes to be on its way.
  void report(const std::string& message_id, std::string_view code);
  /// Reports on everything that was not collected in time.
  std::size_t expire();

  // What happened, for tests.
  std::vector<OfficeMessage> messages() const;
  /// The first 10,000 calls that could be read, in order.
  std::vector<OfficeCall> calls() const;
  std::size_t handshakes(const std::string& mailbox) const;
  std::size_t waiting(const std::string& mailbox) const;

 private:
  struct Asked {
    mesh::Call call;
    const mesh::Headers& headers;
    std::string body;
    int version;
  };
  std::optional<OfficeReply> refuse(const mesh::Call& call, const mesh::Headers& headers,
                                    int version);
  OfficeReply act(Asked& asked);
  OfficeReply list(const Asked& asked) const;
  OfficeReply download(const Asked& asked) const;
  OfficeReply acknowledge(const Asked& asked);
  OfficeReply send(Asked& asked);
  OfficeReply send_chunk(Asked& asked);
  OfficeReply track(const Asked& asked) const;
  OfficeReply look_up(const Asked& asked) const;
  std::optional<OfficeReply> refuse_route(const mesh::Envelope& envelope, int version) const;
  std::string keep(OfficeMessage message);
  std::string next_id();
  const OfficeMailbox* mailbox(std::string_view id) const;

  const OfficeSettings settings_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  mesh::UsedTokens used_;
  std::vector<std::string> order_;
  std::vector<OfficeCall> calls_;
  std::map<std::string, OfficeMessage> by_id_;
  std::map<std::string, std::size_t> handshakes_;
  std::map<mesh::Operation, std::pair<MeshFault, int>> script_;
  int twice_ = 0;
  bool hold_ = false;
  std::size_t counter_ = 0;
};

}  // namespace cpis::peers
