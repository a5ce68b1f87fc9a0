#include "gateway/store/engine_database.h"

#include <utility>

namespace cpis::store {

EngineDatabase::EngineDatabase(std::unique_ptr<Engine> engine, std::unique_ptr<Connection> writer,
                               const OpenOptions& options)
    : engine_{std::move(engine)}, readers_{*engine_, options} {
  if (writer) writer_ = std::make_unique<GroupWriter>(*engine_, std::move(writer), options);
}

EngineDatabase::~EngineDatabase() { close(); }

bool EngineDatabase::submit(Work work, Done done, Urgency urgency) {
  return writer_ && writer_->submit(std::move(work), std::move(done), urgency);
}

Status EngineDatabase::write(Work work, Urgency urgency) {
  if (!writer_) return Error{ErrorKind::forbidden, "the store was opened for reading only"};
  return writer_->write(std::move(work), urgency);
}

void EngineDatabase::around_answers(Around around) {
  if (writer_) writer_->around_answers(std::move(around));
}

DatabaseMetrics EngineDatabase::metrics() const {
  DatabaseMetrics metrics;
  if (writer_) writer_->add_metrics(metrics);
  engine_->add_metrics(metrics);
  return metrics;
}

void EngineDatabase::close() {
  if (writer_) writer_->close();
  readers_.close();
  engine_->close();
}

}  // namespace cpis::store
