#include "tests/unit/query/rpm_fixture.h"

#include <sqlite3.h>

#include <filesystem>

namespace tutti::query {
namespace {

std::string BigEndian(uint64_t number, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text += static_cast<char>(number >> shift & 0xff);
  }
  return text;
}

}  // namespace

RpmHeader& RpmHeader::Add(uint32_t tag, uint32_t type, std::string_view data) {
  index_ += BigEndian(tag, 4) + BigEndian(type, 4) +
            BigEndian(data_.size(), 4) + BigEndian(1, 4);
  data_ += data;
  ++entries_;
  return *this;
}

RpmHeader& RpmHeader::Text(uint32_t tag, std::string_view text) {
  return Add(tag, 6, std::string(text) + '\0');
}

RpmHeader& RpmHeader::Number(uint32_t tag, uint32_t number) {
  return Add(tag, 4, BigEndian(number, 4));
}

RpmHeader& RpmHeader::LongNumber(uint32_t tag, uint64_t number) {
  return Add(tag, 5, BigEndian(number, 8));
}

std::string RpmHeader::Encode() const {
  return BigEndian(entries_, 4) + BigEndian(data_.size(), 4) + index_ + data_;
}

void RpmTest::WriteDatabase(std::string_view path,
                            const std::vector<Entry>& entries) {
  std::filesystem::create_directories(
      std::filesystem::path(Path(path)).parent_path());
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(Path(path).c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database,
                         "PRAGMA journal_mode = WAL;"
                         "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, "
                         "blob BLOB NOT NULL);"
                         "CREATE TABLE Name (key TEXT NOT NULL, hnum INTEGER, "
                         "idx INTEGER)",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  for (const Entry& entry : entries) {
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(database, "INSERT INTO Packages(blob) VALUES (?)", -1,
                       &insert, nullptr);
    sqlite3_bind_blob(insert, 1, entry.header.data(),
                      static_cast<int>(entry.header.size()), SQLITE_STATIC);
    EXPECT_EQ(sqlite3_step(insert), SQLITE_DONE);
    sqlite3_finalize(insert);
    sqlite3_prepare_v2(database,
                       "INSERT INTO Name VALUES (?, last_insert_rowid(), 0)",
                       -1, &insert, nullptr);
    sqlite3_bind_text(insert, 1, entry.name.c_str(), -1, SQLITE_STATIC);
    EXPECT_EQ(sqlite3_step(insert), SQLITE_DONE);
    sqlite3_finalize(insert);
  }
  sqlite3_close(database);
}

}  // namespace tutti::query
