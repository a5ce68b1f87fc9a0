#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gateway/store/connection.h"
#include "gateway/store/database.h"
#include "gateway/store/group_writer.h"
#include "gateway/store/open.h"
#include "gateway/store/read_pool.h"

namespace cpis::store {

/// The port over an engine: its writer and its readers. `writer` is null for a store that was
/// opened for reading.
class EngineDatabase final : public Database {
 public:
  EngineDatabase(std::unique_ptr<Engine> engine, std::unique_ptr<Connection> writer,
                 const OpenOptions& options);
  ~EngineDatabase() override;
  EngineDatabase(const EngineDatabase&) = delete;
  EngineDatabase& operator=(const EngineDatabase&) = delete;

  using Database::submit;
  using Database::write;
  bool submit(Work work, Done done, Urgency urgency) override;
  Status write(Work work, Urgency urgency) override;
  Status read(const Work& work) override { return readers_.read(work); }
  void around_answers(Around around) override;
  bool is_exclusive() const override { return writer_ && engine_->is_exclusive(); }
  DatabaseMetrics metrics() const override;
  Status backup(const std::string& path) override { return engine_->backup(path); }
  Status check_integrity() override { return engine_->check_integrity(); }
  void close() override;

 private:
  std::unique_ptr<Engine> engine_;
  ReadPool readers_;
  std::unique_ptr<GroupWriter> writer_;
};

}  // namespace cpis::store
