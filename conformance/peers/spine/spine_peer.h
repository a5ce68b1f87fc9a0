#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "adapters/core/ports/protection_source.h"
#include "adapters/core/result.h"
#include "adapters/spine/ebxml.h"
#include "adapters/spine/pds.h"
#include "conformance/peers/spine/certificates.h"
#include "conformance/peers/spine/misbehaviour.h"

namespace cpis::peers {

struct SpinePeerSettings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                             ///< 0: any
  std::optional<Certificates> tls;                    ///< mutual TLS both ways; nothing: plain HTTP
  spine::Pattern pattern = spine::Pattern::reliable;  ///< of the contract that our SDS gives
  std::string asid = "928000000001";
  std::string party_key = "YES-0000001";
  std::string cpa_id = "S00000000001";
  std::string gateway_url;  ///< where asynchronous answers are sent
  std::chrono::milliseconds late_by{3'000};
  std::size_t threads = 80;
};

/// A query as the simulated service received it.
struct SeenQuery {
  std::string message_id;
  std::string question_id;
  NhsNumber person;
  std::string authorization = {};  ///< of a question to the CP-IS FHIR API
};

/// Any request as it came, for whoever looks at how calls are traced.
struct SeenRequest {
  std::string path;
  std::string traceparent;
};

/// A national service that runs on the desk: TMS ebXML (express and reliable) and synchronous SOAP,
/// SDS, PDS and CP-IS FHIR, a token endpoint. It checks messages as Spine does, keeps message ids,
/// and misbehaves when told to.
///
///     POST /reliablemessaging/reliablerequest, /reliablemessaging/queryrequest, /sync-service
///     GET  /sds/Device, /sds/Endpoint
///     GET  /personal-demographics/FHIR/R4/Patient[/{id}]
///     GET  /cpis/FHIR/R4/CareTeam, /cpis/FHIR/R4/AuditEvent
///     POST /oauth2/token
class SpinePeer {
 public:
  /// `source` and `clock` must outlive the peer.
  SpinePeer(SpinePeerSettings settings, ProtectionSource& source, const Clock& clock);
  ~SpinePeer();
  SpinePeer(const SpinePeer&) = delete;
  SpinePeer& operator=(const SpinePeer&) = delete;

  /// The port that it listens on.
  Result<std::uint16_t> start();
  void stop();
  /// `https://localhost:port` (or http).
  std::string base_url() const;
  /// The asynchronous answers go there from now on.
  void send_answers_to(std::string gateway_url);
  void misbehave(const NhsNumber& person, Misbehaviour how);
  void know(spine::PdsPerson person);
  /// The same with where they live; PDS keeps that to itself when the person is restricted.
  void know(spine::PdsPerson person, spine::PdsHome home);
  /// PDS answers for `old` with the person who has another number by now.
  void supersede(const NhsNumber& old, spine::PdsPerson person);
  /// Each message that arrived, in order, resent ones too.
  std::vector<SeenQuery> seen() const;
  std::size_t seen_count() const;
  /// The first 10,000 requests of any kind, in order.
  std::vector<SeenRequest> requests() const;
  std::size_t answers_sent() const;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace cpis::peers
