package org.uiospark.data.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.uiospark.data.settings.FieldPath;
import org.uiospark.data.source.Columns.Column;
import org.uiospark.data.source.Columns.Holds;

/** The columns of a Parquet file. */
final class ParquetColumns {
  private ParquetColumns() {}

  /** All columns of a schema. */
  static List<Column> of(GroupType schema) {
    return schema.getFields().stream().map(ParquetColumns::column).toList();
  }

  private static Column column(Type type) {
    if (type.isRepetition(Type.Repetition.REPEATED)) {
      return new Column(type.getName(), "list", Holds.LIST, List.of(once(type)));
    }
    return once(type);
  }

  private static Column once(Type type) {
    String name = type.getName();
    if (type.isPrimitive()) {
      PrimitiveTypeName primitive = type.asPrimitiveType().getPrimitiveTypeName();
      return new Column(
          name,
          primitive.name().toLowerCase(Locale.ROOT),
          primitive == PrimitiveTypeName.BINARY ? Holds.TEXT : Holds.OTHER,
          List.of());
    }
    GroupType group = type.asGroupType();
    if (group.getLogicalTypeAnnotation() instanceof ListLogicalTypeAnnotation) {
      Type repeated = group.getType(0);
      Type element = RowJson.isWrapped(repeated) ? repeated.asGroupType().getType(0) : repeated;
      return new Column(name, "list", Holds.LIST, List.of(once(element)));
    }
    return isStruct(group)
        ? new Column(name, "struct", Holds.STRUCT, of(group))
        : new Column(name, "map", Holds.OTHER, List.of());
  }

  private static boolean isStruct(Type type) {
    return !type.isPrimitive()
        && !type.isRepetition(Type.Repetition.REPEATED)
        && type.getLogicalTypeAnnotation() == null;
  }

  /** What is read of a schema; at least one of the fields is in it. */
  static MessageType only(MessageType schema, List<FieldPath> fields) {
    List<Type> kept = new ArrayList<>();
    for (Type column : schema.getFields()) {
      boolean whole = fields.stream().anyMatch(field -> field.text().equals(column.getName()));
      List<List<String>> inner =
          fields.stream().map(FieldPath::names).filter(names -> begins(names, column)).toList();
      if (whole) {
        kept.add(column);
      } else if (!inner.isEmpty()) {
        kept.add(only(column, inner));
      }
    }
    return new MessageType(schema.getName(), kept);
  }

  /**
   * What is read of a column.
   *
   * @param paths each begins with the name of the column
   */
  private static Type only(Type column, List<List<String>> paths) {
    if (!isStruct(column) || paths.stream().anyMatch(names -> names.size() == 1)) {
      return column;
    }
    List<List<String>> below = paths.stream().map(names -> names.subList(1, names.size())).toList();
    List<Type> kept = new ArrayList<>();
    for (Type field : column.asGroupType().getFields()) {
      List<List<String>> inner = below.stream().filter(names -> begins(names, field)).toList();
      if (!inner.isEmpty()) {
        kept.add(only(field, inner));
      }
    }
    return kept.isEmpty() ? column : column.asGroupType().withNewFields(kept);
  }

  private static boolean begins(List<String> names, Type column) {
    return names.get(0).equals(column.getName());
  }
}
