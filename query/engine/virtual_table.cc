#include "query/engine/virtual_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tutti::query {
namespace {

// Rows that SQLite is told to expect: what matters is their order.
constexpr sqlite3_int64 kRowsOfOne = 1;
constexpr sqlite3_int64 kRowsOfAll = 100'000;
// Beyond this column SQLite tells all or none as one bit.
constexpr size_t kMaskedColumns = 63;

struct Module {
  const Table& table;
  const std::string& root;
  std::string& unmet_need;
};

struct TableObject : sqlite3_vtab {
  explicit TableObject(const Module& of) : sqlite3_vtab(), module(of) {}
  const Module& module;
};

struct Cursor : sqlite3_vtab_cursor {
  explicit Cursor(const Module& of) : sqlite3_vtab_cursor(), module(of) {}
  const Module& module;
  // Of the newest evaluation.
  std::optional<Rows> rows;
  // Of its rows, once they are asked for.
  std::vector<sqlite3_int64> ids;
  size_t at = 0;
};

// What Filter has to know of a plan, in the text that SQLite keeps for it:
// the mask of used columns in hexadecimal digits, then for each argument the
// column's number and the letter of the operator.
char LetterOf(TableRequest::Operator comparison) {
  switch (comparison) {
    case TableRequest::Operator::kEqual:
      return '=';
    case TableRequest::Operator::kLike:
      return 'l';
    case TableRequest::Operator::kGlob:
      return 'g';
  }
  return '=';
}

std::optional<TableRequest::Operator> OperatorOf(unsigned char operation) {
  switch (operation) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
      return TableRequest::Operator::kEqual;
    case SQLITE_INDEX_CONSTRAINT_LIKE:
      return TableRequest::Operator::kLike;
    case SQLITE_INDEX_CONSTRAINT_GLOB:
      return TableRequest::Operator::kGlob;
    default:
      return std::nullopt;
  }
}

struct Plan {
  uint64_t used_columns = 0;
  std::vector<std::pair<size_t, TableRequest::Operator>> arguments;

  std::string Format() const {
    std::string text = fmt::format("{:x}", used_columns);
    for (const auto& [column, comparison] : arguments) {
      text += fmt::format(" {}{}", column, LetterOf(comparison));
    }
    return text;
  }
  static Plan Parse(const char* text) {
    Plan plan;
    char* at = nullptr;
    plan.used_columns = std::strtoull(text, &at, 16);
    while (*at == ' ') {
      const size_t column = std::strtoull(at + 1, &at, 10);
      plan.arguments.emplace_back(
          column, *at == 'l'   ? TableRequest::Operator::kLike
                  : *at == 'g' ? TableRequest::Operator::kGlob
                               : TableRequest::Operator::kEqual);
      ++at;
    }
    return plan;
  }
};

void SetError(sqlite3_vtab* table, std::string_view text) {
  sqlite3_free(table->zErrMsg);
  table->zErrMsg =
      sqlite3_mprintf("%.*s", static_cast<int>(text.size()), text.data());
}

std::string Declaration(const Table& table) {
  std::vector<std::string> columns;
  for (const Column& column : table.columns) {
    std::string text =
        fmt::format("\"{}\" {}", column.name, NameOf(column.type));
    if (column.collation == Collation::kDpkgVersion) {
      text += " COLLATE dpkg_version";
    } else if (column.collation == Collation::kRpmVersion) {
      text += " COLLATE rpm_version";
    }
    columns.push_back(std::move(text));
  }
  return fmt::format("CREATE TABLE x({})", fmt::join(columns, ", "));
}

int Connect(sqlite3* database, void* auxiliary, int /*count*/,
            const char* const* /*arguments*/, sqlite3_vtab** table,
            char** /*error*/) {
  const Module& module = *static_cast<const Module*>(auxiliary);
  const int result =
      sqlite3_declare_vtab(database, Declaration(module.table).c_str());
  if (result != SQLITE_OK) return result;
  *table = new TableObject(module);
  return SQLITE_OK;
}

int Disconnect(sqlite3_vtab* table) {
  delete static_cast<TableObject*>(table);
  return SQLITE_OK;
}

// "table file needs a condition on path or directory, as in ...".
std::string NeedText(const Table& table) {
  std::vector<std::string_view> names;
  for (const Column& column : table.columns) {
    if (column.pushdown == Pushdown::kNeeded) names.push_back(column.name);
  }
  return fmt::format("table {} needs a condition on {}, as in WHERE {} = '...'",
                     table.name, fmt::join(names, " or "), names.front());
}

int BestIndex(sqlite3_vtab* table, sqlite3_index_info* info) {
  const Table& meant = static_cast<TableObject*>(table)->module.table;
  Plan plan;
  plan.used_columns = info->colUsed;
  bool needs = false, has_needed = false;
  for (const Column& column : meant.columns) {
    needs = needs || column.pushdown == Pushdown::kNeeded;
  }
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    const auto comparison = OperatorOf(constraint.op);
    if (constraint.iColumn < 0 || !comparison.has_value()) continue;
    const auto number = static_cast<size_t>(constraint.iColumn);
    const Pushdown pushdown = meant.columns[number].pushdown;
    if (pushdown == Pushdown::kNone || constraint.usable == 0) continue;
    // Tables compare bytes.
    if (comparison == TableRequest::Operator::kEqual &&
        std::string_view(sqlite3_vtab_collation(info, i)) != "BINARY") {
      continue;
    }
    has_needed = has_needed || pushdown == Pushdown::kNeeded;
    plan.arguments.emplace_back(number, *comparison);
    info->aConstraintUsage[i].argvIndex =
        static_cast<int>(plan.arguments.size());
  }
  if (needs && !has_needed) {
    // Another order of the tables, or a condition with OR taken apart, may give
    // it what it needs.
    static_cast<TableObject*>(table)->module.unmet_need = NeedText(meant);
    return SQLITE_CONSTRAINT;
  }
  info->idxStr = sqlite3_mprintf("%s", plan.Format().c_str());
  info->needToFreeIdxStr = 1;
  const bool narrow = !plan.arguments.empty();
  info->estimatedRows = narrow ? kRowsOfOne : kRowsOfAll;
  info->estimatedCost = static_cast<double>(info->estimatedRows);
  return info->idxStr == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}

int Open(sqlite3_vtab* table, sqlite3_vtab_cursor** cursor) {
  *cursor = new Cursor(static_cast<TableObject*>(table)->module);
  return SQLITE_OK;
}

int Close(sqlite3_vtab_cursor* cursor) {
  delete static_cast<Cursor*>(cursor);
  return SQLITE_OK;
}

Value ValueOf(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return static_cast<int64_t>(sqlite3_value_int64(value));
    case SQLITE_FLOAT:
      return sqlite3_value_double(value);
    case SQLITE_NULL:
      return std::monostate();
    default: {
      const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
      const auto size = static_cast<size_t>(sqlite3_value_bytes(value));
      return bytes == nullptr ? std::string() : std::string(bytes, size);
    }
  }
}

TableRequest RequestOf(const Module& module, const Plan& plan,
                       sqlite3_value** arguments) {
  const std::vector<Column>& columns = module.table.columns;
  std::vector<TableRequest::Condition> conditions;
  for (size_t i = 0; i < plan.arguments.size(); ++i) {
    const auto& [column, comparison] = plan.arguments[i];
    conditions.push_back(
        {columns[column].name, comparison, ValueOf(arguments[i])});
  }
  std::vector<std::string_view> used;
  for (size_t i = 0; i < columns.size(); ++i) {
    const size_t bit = std::min(i, kMaskedColumns);
    if ((plan.used_columns >> bit & 1) != 0) used.push_back(columns[i].name);
  }
  return TableRequest(module.root, std::move(conditions), std::move(used));
}

int Filter(sqlite3_vtab_cursor* base, int /*number*/, const char* text,
           int /*count*/, sqlite3_value** arguments) {
  Cursor& cursor = *static_cast<Cursor*>(base);
  const Table& table = cursor.module.table;
  cursor.rows.emplace(table.columns);
  cursor.ids.clear();
  cursor.at = 0;
  const Plan plan = Plan::Parse(text);
  const absl::Status status =
      table.generate(RequestOf(cursor.module, plan, arguments), *cursor.rows);
  if (status.ok()) return SQLITE_OK;
  SetError(base->pVtab, fmt::format("table {}: {}", table.name,
                                    std::string_view(status.message().data(),
                                                     status.message().size())));
  return SQLITE_ERROR;
}

int Next(sqlite3_vtab_cursor* cursor) {
  ++static_cast<Cursor*>(cursor)->at;
  return SQLITE_OK;
}

int AtEnd(sqlite3_vtab_cursor* base) {
  const Cursor& cursor = *static_cast<Cursor*>(base);
  return cursor.at >= cursor.rows->size() ? 1 : 0;
}

int ColumnValue(sqlite3_vtab_cursor* base, sqlite3_context* context,
                int column) {
  const Cursor& cursor = *static_cast<Cursor*>(base);
  const Value& value =
      (*cursor.rows)[cursor.at].values()[static_cast<size_t>(column)];
  if (const auto* number = std::get_if<int64_t>(&value)) {
    sqlite3_result_int64(context, *number);
  } else if (const auto* real = std::get_if<double>(&value)) {
    sqlite3_result_double(context, *real);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    sqlite3_result_text64(context, text->data(), text->size(), SQLITE_TRANSIENT,
                          SQLITE_UTF8);
  } else {
    sqlite3_result_null(context);
  }
  return SQLITE_OK;
}

void AppendKey(const Value& value, std::string& key) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    key += fmt::format("i{}", *number);
  } else if (const auto* real = std::get_if<double>(&value)) {
    key += fmt::format("d{}", *real);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    key += fmt::format("t{}:{}", text->size(), *text);
  } else {
    key += 'n';
  }
}

// SQLite takes a condition with OR apart into evaluations and leaves out the
// rows whose ids it has seen: a row that comes again has to have the same one,
// and each of equal rows one of its own.
std::vector<sqlite3_int64> IdsOf(const Rows& rows) {
  std::vector<sqlite3_int64> ids;
  std::unordered_map<std::string, uint64_t> seen;
  for (size_t i = 0; i < rows.size(); ++i) {
    std::string key;
    for (const Value& value : rows[i].values()) AppendKey(value, key);
    const uint64_t before = seen[key]++;
    key += fmt::format("#{}", before);
    ids.push_back(static_cast<sqlite3_int64>(std::hash<std::string>()(key)));
  }
  return ids;
}

int RowId(sqlite3_vtab_cursor* base, sqlite3_int64* id) {
  Cursor& cursor = *static_cast<Cursor*>(base);
  if (cursor.ids.empty()) cursor.ids = IdsOf(*cursor.rows);
  *id = cursor.ids[cursor.at];
  return SQLITE_OK;
}

// Without xCreate the table is there by itself, and only once.
sqlite3_module MakeModule() {
  sqlite3_module module = {};
  module.xConnect = Connect;
  module.xBestIndex = BestIndex;
  module.xDisconnect = Disconnect;
  module.xDestroy = Disconnect;
  module.xOpen = Open;
  module.xClose = Close;
  module.xFilter = Filter;
  module.xNext = Next;
  module.xEof = AtEnd;
  module.xColumn = ColumnValue;
  module.xRowid = RowId;
  return module;
}

}  // namespace

int AddVirtualTable(sqlite3* database, const Table& table,
                    const std::string& root, std::string& unmet_need) {
  static const sqlite3_module kModule = MakeModule();
  auto module = std::make_unique<Module>(Module{table, root, unmet_need});
  return sqlite3_create_module_v2(
      database, std::string(table.name).c_str(), &kModule, module.release(),
      [](void* owned) { delete static_cast<Module*>(owned); });
}

}  // namespace tutti::query
