package org.uiospark.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.Type;

/** Rows of Parquet as the JSON that the same table has in a {@code .jsonl} file. */
final class RowJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private long textBytes;
  private long replaced;

  /** Bytes of the texts of the last row. */
  long textBytes() {
    return textBytes;
  }

  /** Malformed bytes among them. */
  long replaced() {
    return replaced;
  }

  ObjectNode of(Group row) {
    textBytes = 0;
    replaced = 0;
    return object(row);
  }

  private ObjectNode object(Group group) {
    ObjectNode object = JSON.objectNode();
    GroupType type = group.getType();
    for (int field = 0; field < type.getFieldCount(); field++) {
      Type each = type.getType(field);
      if (each.isRepetition(Type.Repetition.REPEATED)) {
        object.set(each.getName(), list(group, field));
      } else if (group.getFieldRepetitionCount(field) > 0) {
        object.set(each.getName(), value(group, field, 0));
      }
    }
    return object;
  }

  private ArrayNode list(Group group, int field) {
    ArrayNode list = JSON.arrayNode();
    for (int i = 0; i < group.getFieldRepetitionCount(field); i++) {
      list.add(value(group, field, i));
    }
    return list;
  }

  private JsonNode value(Group group, int field, int index) {
    Type type = group.getType().getType(field);
    if (type.isPrimitive()) {
      return primitive(group, field, index);
    }
    Group inner = group.getGroup(field, index);
    LogicalTypeAnnotation annotation = type.getLogicalTypeAnnotation();
    if (annotation instanceof LogicalTypeAnnotation.ListLogicalTypeAnnotation) {
      return elements(inner);
    }
    return annotation instanceof LogicalTypeAnnotation.MapLogicalTypeAnnotation
        ? entries(inner)
        : object(inner);
  }

  /** Lists have a group around each element, so that it may be null; old files have not. */
  static boolean isWrapped(Type repeated) {
    return !repeated.isPrimitive()
        && repeated.asGroupType().getFieldCount() == 1
        && !repeated.getName().equals("array")
        && !repeated.getName().endsWith("_tuple");
  }

  private ArrayNode elements(Group list) {
    if (!isWrapped(list.getType().getType(0))) {
      return list(list, 0);
    }
    ArrayNode elements = JSON.arrayNode();
    for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
      elements.add(optional(list.getGroup(0, i), 0));
    }
    return elements;
  }

  private ObjectNode entries(Group map) {
    ObjectNode entries = JSON.objectNode();
    for (int i = 0; i < map.getFieldRepetitionCount(0); i++) {
      Group entry = map.getGroup(0, i);
      entries.set(optional(entry, 0).asText(), optional(entry, 1));
    }
    return entries;
  }

  private JsonNode optional(Group group, int field) {
    return group.getFieldRepetitionCount(field) > 0 ? value(group, field, 0) : JSON.nullNode();
  }

  private JsonNode primitive(Group group, int field, int index) {
    return switch (group.getType().getType(field).asPrimitiveType().getPrimitiveTypeName()) {
      case BINARY -> text(group.getBinary(field, index));
      case INT32 -> JSON.numberNode(group.getInteger(field, index));
      case INT64 -> JSON.numberNode(group.getLong(field, index));
      case BOOLEAN -> JSON.booleanNode(group.getBoolean(field, index));
      case FLOAT -> JSON.numberNode(group.getFloat(field, index));
      case DOUBLE -> JSON.numberNode(group.getDouble(field, index));
      // Decimals and old time stamps are no text.
      case FIXED_LEN_BYTE_ARRAY, INT96 -> JSON.nullNode();
    };
  }

  private JsonNode text(Binary held) {
    // Its own array would be made for a length that the page does not have.
    ByteBuffer buffer = held.toByteBuffer();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    Utf8Text text = Utf8Text.of(bytes);
    textBytes += bytes.length;
    replaced += text.replaced();
    return JSON.textNode(text.text());
  }
}
