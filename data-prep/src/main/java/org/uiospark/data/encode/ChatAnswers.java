package org.uiospark.data.encode;

import java.util.ArrayList;
import java.util.List;
import org.uiospark.data.jinja.value.Rendered;
import org.uiospark.data.jinja.value.Span;

/**
 * Where the answers stand in a rendered chat.
 *
 * <p>A template that marks them with {@code generation} is believed. Else an answer is what the
 * template's loop over the messages writes for it, without the header that it also writes where an
 * answer is asked for; behind the last message, all that follows belongs to it. So an answer is
 * told in the text of the whole chat, which some templates write otherwise than that of its
 * beginning.
 */
final class ChatAnswers {
  /** Of a private use area: no template looks for it, strips or escapes it. */
  private static final String MARK = "\uE000";

  private final ChatTemplate template;
  private final Chat chat;
  private final Rendered whole;

  ChatAnswers(ChatTemplate template, Chat chat) throws MalformedRecordException {
    this.template = template;
    this.chat = chat;
    this.whole = template.conversation(chat);
  }

  String text() {
    return whole.text();
  }

  List<Span> spans() throws MalformedRecordException {
    if (!whole.generated().isEmpty()) {
      return whole.generated();
    }
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < chat.messages().size(); i++) {
      if (chat.isAnswer(i)) {
        spans.add(whole.messages().get(i) == null ? between(i) : written(i));
      }
    }
    return spans;
  }

  private Span written(int answer) throws MalformedRecordException {
    Span span = whole.messages().get(answer);
    boolean last = answer == chat.messages().size() - 1;
    int end = last ? text().length() : span.end();
    return new Span(span.start() + header(answer), end);
  }

  /** How much of what is written for an answer stands there before it is given. */
  private int header(int answer) throws MalformedRecordException {
    Span span = whole.messages().get(answer);
    String written = text().substring(span.start(), span.end());
    String asked = asked(answer);
    if (!asked.isEmpty() && written.startsWith(asked)) {
      return asked.length();
    }
    Rendered marked = template.conversation(chat.withAnswer(answer, MARK));
    Span place = marked.messages().get(answer);
    int mark = place == null ? -1 : marked.text().indexOf(MARK, place.start());
    if (mark < 0) {
      throw new MalformedRecordException(
          "chat template: message "
              + answer
              + " is written without its content, so its header"
              + " cannot be told");
    }
    String before = marked.text().substring(place.start(), mark);
    int common = 0;
    while (common < Math.min(before.length(), written.length())
        && before.charAt(common) == written.charAt(common)) {
      common++;
    }
    // Space before an answer is no header: the model writes it.
    return before.isBlank() ? 0 : common;
  }

  /** What the template writes behind the messages before an answer to ask for it. */
  private String asked(int answer) throws MalformedRecordException {
    if (answer > 0) {
      try {
        Rendered prompt = template.prompt(chat.before(answer));
        Span last = prompt.messages().get(answer - 1);
        if (last != null) {
          return prompt.text().substring(last.end());
        }
      } catch (MalformedRecordException e) {
        // The beginning alone may be no chat to the template; the whole is one.
      }
    }
    Rendered prompt = template.prompt(chat);
    Span last = prompt.messages().get(chat.messages().size() - 1);
    return last == null ? "" : prompt.text().substring(last.end());
  }

  /** For a template that does not loop over the messages: between two beginnings of the chat. */
  private Span between(int answer) throws MalformedRecordException {
    String prompt = template.prompt(chat.before(answer)).text();
    String answered = template.conversation(chat.before(answer + 1)).text();
    if (!answered.startsWith(prompt) || !text().startsWith(answered)) {
      throw new MalformedRecordException(
          "chat template: message "
              + answer
              + " changes the text before it, so its own cannot be told apart");
    }
    return new Span(prompt.length(), answered.length());
  }
}
