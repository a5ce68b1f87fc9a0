#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/ThreadPool.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conformance/peers/spine/answer_post.h"
#include "conformance/peers/spine/spine_peer.h"

namespace cpis::peers {

/// An HTTP answer of the simulator, and how it is to be spoilt on the wire.
struct PeerReply {
  int status = 200;
  std::string content_type = "text/xml; charset=utf-8";
  std::string body = {};
  Misbehaviour wire = Misbehaviour::none;  ///< cut_off or slow_drip
};

inline constexpr std::size_t answer_threads = 32;

/// What is shared by the threads of one simulated service.
struct SpinePeer::State {
  SpinePeerSettings settings;
  ProtectionSource& source;
  const Clock& clock;

  mutable std::mutex mutex;
  std::condition_variable stop;
  bool stopping = false;
  std::map<NhsNumber, Misbehaviour> script;
  std::map<NhsNumber, spine::PdsPerson> people;
  std::map<NhsNumber, spine::PdsHome> homes;
  std::set<std::string> message_ids;
  std::set<std::string> faulted_once;
  std::vector<SeenQuery> seen;
  std::vector<SeenRequest> requests;
  AnswerPost post{answer_threads};

  Poco::Net::Context::Ptr server_context;
  Poco::ThreadPool threads{2, 400};  // ends before OpenSSL does, as a pool of the process would not
  std::unique_ptr<Poco::Net::HTTPServer> server;
  std::uint16_t port = 0;

  State(SpinePeerSettings with, ProtectionSource& from, const Clock& by)
      : settings{std::move(with)}, source{from}, clock{by} {
    post.send_to(settings.gateway_url);
  }

  void note(const std::string& path, const std::string& traceparent) {
    constexpr std::size_t requests_max = 10'000;
    const std::lock_guard lock{mutex};
    if (requests.size() < requests_max) requests.push_back({path, traceparent});
  }
  /// Waits, at most until the peer stops. False when it has.
  bool pause(std::chrono::milliseconds time) {
    std::unique_lock lock{mutex};
    return !stop.wait_for(lock, time, [&] { return stopping; });
  }
  std::string base_url() const {
    return (settings.tls ? "https://localhost:" : "http://localhost:") + std::to_string(port);
  }
  Misbehaviour scripted(const NhsNumber& person) const {
    const std::lock_guard lock{mutex};
    const auto at = script.find(person);
    return at == script.end() ? Misbehaviour::none : at->second;
  }
};

/// TMS: what the three messaging paths answer (spine_tms.cpp).
PeerReply answer_messaging(SpinePeer::State& state, spine::Pattern pattern,
                           std::string_view content_type, const std::string& body,
                           std::optional<Misbehaviour> told);
/// SDS, PDS, CP-IS FHIR and the token endpoint (spine_lookups.cpp).
struct LookupRequest {
  std::string path;
  std::string query;
  std::string body;
  std::string trace_id;  ///< the header TraceID
  std::optional<Misbehaviour> told;
  std::string authorization;  ///< that header
};
PeerReply answer_lookup(SpinePeer::State& state, const LookupRequest& in);
/// An upper-case UUID, random enough for a simulation.
std::string peer_uuid();

}  // namespace cpis::peers
