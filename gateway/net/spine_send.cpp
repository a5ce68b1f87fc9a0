#include <algorithm>
#include <utility>

#include "adapters/spine/soap.h"
#include "adapters/spine/spine_checks.h"
#include "gateway/edge/ids.h"
#include "gateway/net/spine_job.h"
#include "gateway/net/spine_source.h"
#include "gateway/observe/log.h"

// How a question goes out: built, kept, sent, and what its HTTP response means.

namespace cpis::net {
namespace {

using spine::Next;

const std::string query_interaction =
    std::string{spine::query_service} + ":" + std::string{spine::interaction::query};

// What we refuse to send is what Spine would refuse to take.
Status check_before_sending(const std::string& query) {
  Findings findings;
  const auto document = spine::parse_xml(query, findings);
  if (!document) return Error{ErrorKind::fault, "the query we wrote is not well formed"};
  const auto faults = spine::check_query(document->root());
  if (!faults.empty()) return Error{ErrorKind::bad_input, spine::in_words(faults)};
  return done;
}

}  // namespace

Status SpineSource::build(Job& job) {
  const Time now = clock_.now();
  const auto contract = lookup_.find(query_interaction);
  if (!contract) return contract.error();
  job.contract = *contract;
  AccessEvent event{job.question.id, job.question.asked, job.question.person, job.question.caller};
  // A system is known to Spine by its ASID and by nothing else.
  if (event.by.kind == Caller::Kind::system) event.by.system_id = settings_.asid;
  const std::string& id = job.exchange.message_id;
  const auto query = spine::write_query({id, now, contract->asid, settings_.asid, event},
                                        settings_.scheduled_marker);
  if (!query) return query.error();
  if (const Status sendable = check_before_sending(*query); !sendable) return sendable;

  const std::string service{spine::query_service};
  const std::string action{spine::interaction::query};
  if (contract->pattern == spine::Pattern::sync) {
    const spine::SoapHeader header{
        id, service + "/" + action, contract->url, settings_.reply_to, settings_.reply_to,
        "", contract->asid,         settings_.asid};
    job.content = {"text/xml; charset=utf-8", header.action, spine::write_soap(header, *query)};
  } else {
    spine::EbxmlHeader header;
    header.from_party = settings_.party_key;
    header.to_party = contract->party_key;
    header.cpa_id = contract->cpa_id;
    header.conversation_id = id;
    header.service = service;
    header.action = action;
    header.message_id = id;
    header.timestamp = now;
    job.content = spine::write_ebxml(spine::with_pattern(header, contract->pattern), *query);
  }
  spine::Exchange& exchange = job.exchange;
  exchange.pattern = contract->pattern;
  exchange.asked = job.question.asked;
  exchange.deadline = job.question.deadline;
  exchange.keep_until = now + std::max(contract->persist_duration, settings_.persist_min);
  exchange.attempts_max = 1 + contract->retries;
  exchange.retry_interval = contract->retry_interval;
  return done;
}

void SpineSource::begin(const std::shared_ptr<Job>& job) {
  const std::string& id = job->question.id;
  const Time now = clock_.now();
  if (!breaker_.may_call(now)) {
    return give_up(
        id, {{ErrorKind::unavailable, "the circuit to the national service is open"}, false});
  }
  if (const Status built = build(*job); !built) return give_up(id, {built.error(), false});
  if (spine::begin_attempt(job->exchange, now) != Next::send) {
    return give_up(id, {{ErrorKind::timeout, "the deadline had passed before sending"}, false});
  }
  Status added = done;
  {
    const std::lock_guard lock{mutex_};
    added = table_.add(job->exchange);
    if (added) jobs_[id] = job;
  }
  if (!added) return tell(take_waiting(id), CouldNotAsk{added.error(), false});

  // From here on the exchange counts as sent: a crash after the commit may have been after it.
  const Status kept = database_.write(
      [&](store::Session& session) { return insert_exchange(session, job->exchange); });
  if (!kept && !is_ours(*job)) {
    forget(id);
    if (kept.error().kind == ErrorKind::conflict) return tell_as_before(id);
    return give_up(id, {kept.error(), false});
  }
  if (timed_out_meanwhile(*job)) return;
  attempt(job);
}

// The store took longer than the caller's patience: the row is brought up to date and nothing goes
// out, because the caller has been told.
bool SpineSource::timed_out_meanwhile(const Job& job) {
  spine::Exchange exchange = job.exchange;
  {
    const std::lock_guard lock{mutex_};
    const spine::Exchange* found = table_.by_question(job.question.id);
    if (found != nullptr && found->state == spine::ExchangeState::sending) return false;
    if (found != nullptr) exchange = *found;
  }
  if (exchange.state != spine::ExchangeState::resolved) {
    spine::on_time(exchange, exchange.deadline);
  }
  if (const Status kept = keep_answer(exchange, ""); !kept) {
    observe::log(observe::Level::error, "spine.exchange.not_kept",
                 {{"kind", std::string{name_of(kept.error().kind)}}});
  }
  return true;
}

// A repeated transaction meets its own row.
bool SpineSource::is_ours(const Job& job) {
  bool ours = false;
  const Status read = database_.read([&](store::Session& session) -> Status {
    const auto row = exchange_by_question(session, job.question.id);
    if (!row) return row.error();
    ours = row->has_value() && (*row)->exchange.message_id == job.exchange.message_id;
    return done;
  });
  return read && ours;
}

HttpOutcome SpineSource::transmit(const Job& job) {
  HttpCall call;
  call.method = "POST";
  call.url = job.contract.url;
  call.headers = {{"SOAPAction", job.content.soap_action}};
  call.content_type = job.content.content_type;
  call.body = job.content.body;
  return sender_.send(call);
}

void SpineSource::attempt(const std::shared_ptr<Job>& job) {
  const HttpOutcome outcome = transmit(*job);
  const Time now = clock_.now();
  spine::Reply reply;
  const bool answered = outcome.kind == HttpOutcome::Kind::answered;
  if (answered) {
    reply = spine::read_reply(job->contract.pattern, outcome.status, outcome.content_type,
                              outcome.body);
  }
  const bool away = !answered || reply.kind == spine::ReplyKind::resend ||
                    (reply.kind == spine::ReplyKind::unclear && outcome.status >= 500);
  away ? breaker_.failed(now) : breaker_.succeeded();

  Next next = Next::nothing;
  {
    const std::lock_guard lock{mutex_};
    spine::Exchange* exchange = table_.by_question(job->question.id);
    if (exchange == nullptr) return;  // the answer overtook the response and has been told
    next = answered ? spine::on_reply(*exchange, reply, now)
           : outcome.kind == HttpOutcome::Kind::not_sent
               ? spine::on_not_sent(*exchange, now, outcome.why)
               : spine::on_lost(*exchange, now, outcome.why);
  }
  if (next == Next::send) {
    ++counters_.resent;  // the clock brings it up again when it is due
    return;
  }
  act(job->question.id, next, reply.answer ? outcome.body : "");
}

void SpineSource::resend(const std::string& question_id) {
  std::shared_ptr<Job> job;
  {
    const std::lock_guard lock{mutex_};
    spine::Exchange* exchange = table_.by_question(question_id);
    const auto at = jobs_.find(question_id);
    if (exchange == nullptr || at == jobs_.end()) return;
    if (spine::begin_attempt(*exchange, clock_.now()) != Next::send) return;
    job = at->second;
  }
  attempt(job);
}

}  // namespace cpis::net
