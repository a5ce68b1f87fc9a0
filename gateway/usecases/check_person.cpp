#include "gateway/usecases/check_person.h"

#include <memory>
#include <utility>

#include "gateway/edge/ids.h"
#include "gateway/store/traced_source.h"
#include "gateway/usecases/named_resources.h"

namespace cpis::usecases {
namespace {

Status append_audit(const store::AuditStore& audit, store::Session& session,
                    const CheckRequest& request, const Caller& caller, Time now,
                    std::string_view outcome, std::string_view named) {
  std::string detail = caller.setting == CareSetting::scheduled ? "scheduled" : "unscheduled";
  if (!request.on_behalf_of.empty()) detail += ", user " + request.on_behalf_of;
  const bool first = outcome == "asked";
  if (!named.empty() || (first && !request.beside.empty())) detail += ';';
  if (!named.empty()) detail += ' ' + std::string{named};
  if (first && !request.beside.empty()) detail += ' ' + request.beside;
  store::AuditEntry entry = store::entry_by(caller);
  entry.at = now;
  entry.correlation_id = request.correlation_id;
  entry.source = request.client;
  entry.action = request.action;
  entry.subject = request.person.digits();
  entry.outcome = outcome;
  entry.detail = detail;
  const auto row = audit.append(session, entry);
  if (!row) return row.error();
  return done;
}

store::Work audit_of(const store::AuditStore& audit, std::shared_ptr<const CheckRequest> request,
                     Time now) {
  return [&audit, request = std::move(request), now](store::Session& session) {
    return append_audit(audit, session, *request, request->caller, now, "asked", request->named);
  };
}

// Names what the answer shows, when that could not be known before; otherwise nothing.
store::Work trace_of(const store::AuditStore& audit,
                     const std::shared_ptr<const CheckRequest>& request,
                     const ProtectionAnswer& answer, Time now) {
  std::string named = named_resources(answer, request->types);
  if (named.empty() || named == request->named) return {};
  return [&audit, request, named = std::move(named), now](store::Session& session) {
    return append_audit(audit, session, *request, request->caller, now, "answered", named);
  };
}

// For a source that knows nothing of the store: the audit first, then the question.
void trace_and_ask(store::Database& database, ProtectionSource& source, store::Work audit,
                   ProtectionQuestion question, CheckPerson::Done answered) {
  auto waiting = std::make_shared<std::pair<ProtectionQuestion, CheckPerson::Done>>(
      std::move(question), std::move(answered));
  const bool queued = database.submit(std::move(audit), [&source, waiting](const Status& audited) {
    if (!audited) return waiting->second(CouldNotAsk{audited.error(), false});
    source.ask(std::move(waiting->first), std::move(waiting->second));
  });
  if (!queued) {
    waiting->second(CouldNotAsk{{ErrorKind::busy, "the store's queue is full; try again"}, false});
  }
}

CouldNotAsk unnamed(const std::string& missing) {
  return {{ErrorKind::forbidden, "the caller cannot be named in a notice: no " + missing}, false};
}

}  // namespace

ProtectionQuestion CheckPerson::question_of(CheckRequest& request) const {
  const Time now = parts_.clock.now();
  if (request.question_id.empty()) request.question_id = ordered_uuid(now);
  return {request.question_id,
          request.person,
          request.caller,
          now,
          now + parts_.answer_time,
          request.user_token,
          request.trace_id.empty() ? request.correlation_id : request.trace_id};
}

JoinedCheck CheckPerson::join(CheckRequest request) const {
  const std::string missing = missing_in(request.caller);
  registry::Look look = parts_.local->prepare(question_of(request));
  ProtectionAnswer answer = missing.empty() ? parts_.local->answer(look) : unnamed(missing);
  return {std::move(request), std::move(look), std::move(answer), !missing.empty()};
}

Status CheckPerson::record(store::Session& session, const JoinedCheck& check) const {
  if (check.refused) return done;
  const AccessEvent& access = check.look.access;
  const Status audited =
      append_audit(audit_, session, check.request, access.by, access.at, "asked", {});
  return audited ? registry::Register::record(session, check.look) : audited;
}

void CheckPerson::show(const JoinedCheck& check) const {
  if (!check.refused) parts_.local->show(check.look);
}

CheckPerson::Done CheckPerson::named_first(std::shared_ptr<const CheckRequest> request,
                                           Done answered) const {
  return [this, request = std::move(request),
          answered = std::move(answered)](ProtectionAnswer answer) mutable {
    store::Work trace = trace_of(audit_, request, answer, parts_.clock.now());
    if (!trace) return answered(std::move(answer));
    auto late = std::make_shared<std::pair<ProtectionAnswer, Done>>(std::move(answer), answered);
    const bool queued = parts_.database.submit(std::move(trace), [late](const Status& audited) {
      if (!audited) return late->second(CouldNotAsk{audited.error(), true});
      late->second(std::move(late->first));
    });
    if (!queued) {
      answered(CouldNotAsk{{ErrorKind::busy, "the store's queue is full; try again"}, true});
    }
  };
}

void CheckPerson::run(CheckRequest request, Done answered) {
  if (const std::string missing = missing_in(request.caller); !missing.empty()) {
    return answered(unnamed(missing));
  }
  ProtectionQuestion question = question_of(request);
  const Time now = question.asked;
  if (parts_.local != nullptr && !request.types.empty()) {
    const auto record = parts_.local->view().find(request.person, london_date(now),
                                                  parts_.local->settings().visibility);
    if (record) request.named = named_resources(*record, request.types);
  }
  auto shared = std::make_shared<const CheckRequest>(std::move(request));
  store::Work audit = audit_of(audit_, shared, now);
  if (auto* const traced = dynamic_cast<store::TracedSource*>(&parts_.source)) {
    store::QuestionTrace trace{std::move(audit), {}};
    if (!shared->types.empty()) {
      trace.answered = [this, shared](const ProtectionAnswer& answer) {
        return trace_of(audit_, shared, answer, parts_.clock.now());
      };
    }
    return traced->ask_traced(std::move(question), std::move(trace), std::move(answered));
  }
  if (!shared->types.empty()) answered = named_first(shared, std::move(answered));
  if (parts_.local != nullptr) {
    return parts_.local->ask_after(std::move(audit), std::move(question), std::move(answered));
  }
  trace_and_ask(parts_.database, parts_.source, std::move(audit), std::move(question),
                std::move(answered));
}

}  // namespace cpis::usecases
