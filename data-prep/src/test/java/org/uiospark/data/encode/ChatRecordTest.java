package org.uiospark.data.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatRecordTest {
  private static final Map<String, String> USER = Map.of("role", "user", "content", "hi");
  private static final Map<String, String> ANSWER = Map.of("role", "assistant", "content", "ho");

  @Test
  void conversationsOfShareGptAreMessages() throws Exception {
    Chat chat =
        ChatRecord.of(
            json(
                "{'system':'S','conversations':[{'from':'human','value':'hi'},"
                    + "{'from':'gpt','value':'ho'}],'tools':'[{\\'name\\':\\'w\\'}]'}"));
    assertThat(chat.messages())
        .isEqualTo(List.of(Map.of("role", "system", "content", "S"), USER, ANSWER));
    assertThat(chat.tools()).isEqualTo(List.of(Map.of("name", "w")));
    Chat roles =
        ChatRecord.of(
            json("{'conversations':[" + "{'role':'user','content':'hi'}],'messages':null}"));
    assertThat(roles.messages()).isEqualTo(List.of(USER));
  }

  @Test
  void anInstructionOfAlpacaIsAChat() throws Exception {
    JsonNode plain = json("{'instruction':'hi','input':'','output':'ho','text':'x'}");
    assertThat(ChatRecord.isInstruction(plain)).isTrue();
    assertThat(ChatRecord.ofInstruction(plain).messages()).isEqualTo(List.of(USER, ANSWER));
    Chat input = ChatRecord.ofInstruction(json("{'instruction':'a','input':'b','output':'ho'}"));
    assertThat(input.messages().get(0)).containsEntry("content", "a\nb");
  }

  @Test
  void aCallOfAToolNeedsNoContent() throws Exception {
    Chat chat =
        ChatRecord.of(
            json(
                "{'messages':[{'role':'user','content':'hi'},{'role':'assistant','content':null,"
                    + "'tool_calls':[{'function':{'name':'w','arguments':{'n':1.0,'b':true}}}]}],"
                    + "'tools':[],'documents':[{'title':'t'}]}"));
    assertThat(chat.messages().get(1)).containsEntry("content", null);
    assertThat(chat.says(1)).isTrue();
    assertThat(chat.tools()).isEqualTo(List.of());
    assertThat(chat.documents()).isEqualTo(List.of(Map.of("title", "t")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{'messages':[]}; \"messages\" is empty",
        "{'messages':{}}; \"messages\" is no list",
        "{'messages':[{'role':'user','content':null}]}; strings \"role\" and \"content\"",
        "{'messages':[{'role':'user','content':7}]}; strings \"role\" and \"content\"",
        "{'messages':[{'content':'x'}]}; strings \"role\" and \"content\"",
        "{'conversations':[{'from':'bing','value':'x'}]}; \"from\": \"bing\" is not known",
        "{'conversations':[{'from':'gpt','value':1}]}; no string \"value\"",
        "{'conversations':'x'}; \"conversations\" is no list",
        "{'messages':[{'role':'user','content':'x'}],'tools':['f']}; \"tools\" is no list of objects",
        "{'messages':[{'role':'user','content':'x'}],'tools':'f'}; \"tools\" is no list of objects",
        "{'messages':[{'role':'user','content':'x','n':12345678901234567890}]}; over 64 bits",
      })
  void whatIsNoChatIsRefused(String record, String reason) throws Exception {
    JsonNode node = json(record);
    assertThatThrownBy(() -> ChatRecord.of(node))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void whatIsNoInstructionIsRefused() throws Exception {
    JsonNode history = json("{'instruction':'a','output':'b','history':[['q','a']]}");
    assertThatThrownBy(() -> ChatRecord.ofInstruction(history)).hasMessageContaining("\"history\"");
    JsonNode number = json("{'instruction':'a','output':4}");
    assertThatThrownBy(() -> ChatRecord.ofInstruction(number))
        .hasMessageContaining("\"output\" is no string");
  }

  /** The same chat with other tools is another record. */
  @Test
  void toolsArePartOfTheContent() throws Exception {
    String messages = "'messages':[{'role':'user','content':'x'}]";
    String plain = SftEncoder.content(json("{" + messages + "}"));
    assertThat(plain).isEqualTo("[{\"role\":\"user\",\"content\":\"x\"}]");
    assertThat(SftEncoder.content(json("{" + messages + ",'tools':[{'name':'w'}]}")))
        .isNotEqualTo(plain);
    assertThat(SftEncoder.content(json("{'conversations':[{'from':'human','value':'x'}]}")))
        .isNotEqualTo(SftEncoder.content(json("{'conversations':[{'from':'human','value':'y'}]}")));
  }

  private static JsonNode json(String text) throws JsonProcessingException {
    return new ObjectMapper().readTree(text.replace('\'', '"'));
  }
}
