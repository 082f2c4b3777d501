// The demo's half of a window: the Chat API and the socket, spoken with nothing but the browser.
const api = "/api/v1";
const $ = (id) => document.getElementById(id);
const me = $("me");
me.value = new URLSearchParams(location.search).get("as") ?? me.options[0].value;

const state = { dialogs: [], open: null, messages: [], names: new Map() };

async function call(method, path, body) {
  const scopes = btoa(JSON.stringify({ scope_level0: [me.selectedOptions[0].dataset.tenant] }));
  const url = new URL(api + path, location.href);
  url.searchParams.set("user_id", me.value);
  const answer = await fetch(url, {
    method,
    headers: { "Content-Type": "application/json", ...(path.includes("type=available") || path.endsWith("/join") ? { "X-Scope-Config": scopes } : {}) },
    body: body && JSON.stringify(body),
  });
  const parsed = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Error(parsed.error.message);
  return parsed?.data ?? parsed;
}

async function loadDialogs() {
  const [mine, available] = await Promise.all([call("GET", "/dialogs"), call("GET", "/dialogs?type=available")]);
  state.dialogs = [...mine, ...available];
  if (!state.dialogs.some((dialog) => dialog.id === state.open)) await open(state.dialogs[0]?.id ?? null);
  drawDialogs();
}

async function open(id) {
  state.open = id;
  state.messages = [];
  const dialog = current();
  drawDialogs();
  drawChat();
  if (!dialog?.i_am_participant) return;
  const people = await call("GET", `/dialogs/${id}/participants`);
  state.names = new Map(people.map((person) => [person.user_id, person]));
  state.messages = (await call("GET", `/dialogs/${id}/messages`)).messages;
  drawChat();
  markRead();
}

const current = () => state.dialogs.find((dialog) => dialog.id === state.open);

async function markRead() {
  const last = state.messages.at(-1);
  const dialog = current();
  if (!last || !dialog?.unread_count || document.hidden) return;
  dialog.unread_count = 0;
  drawDialogs();
  await call("POST", `/dialogs/${state.open}/read`, { last_read_message_id: last.id });
}

function text(html) {
  // An inert document: nothing in it runs or loads.
  const inert = new DOMParser().parseFromString(html.replaceAll("</", " </"), "text/html");
  return inert.body.textContent.replace(/\s+/g, " ").trim();
}

function systemText(content) {
  const said = JSON.parse(content);
  if (said.event === "chat_created") return `Chat created: ${said.participants.map((person) => person.name).join(", ")}`;
  return said.event === "participant_joined" ? `${said.name} joined` : `${said.name} left`;
}

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function drawDialogs() {
  $("dialogs").replaceChildren(
    ...state.dialogs.map((dialog) => {
      const last = dialog.last_message;
      const preview = !last ? dialog.object_id : last.message_type === "system" ? systemText(last.content) : text(last.content);
      const button = element(
        "button",
        { type: "button", onclick: () => open(dialog.id) },
        element("b", { textContent: dialog.title ?? dialog.object_id }),
        dialog.can_join
          ? element("span", { className: "join", textContent: "can join" })
          : dialog.unread_count
            ? element("span", { className: "count", textContent: dialog.unread_count })
            : "",
        element("small", { textContent: preview }),
      );
      button.setAttribute("aria-current", String(dialog.id === state.open));
      return element("li", {}, button);
    }),
  );
}

function drawChat() {
  const dialog = current();
  $("title").textContent = dialog?.title ?? "";
  $("people").textContent = (dialog?.participants ?? []).map((person) => person.display_name).join(", ");
  $("composer").hidden = !dialog?.i_am_participant;
  $("join").hidden = !dialog?.can_join;
  let before = null;
  $("messages").replaceChildren(
    ...state.messages.map((message) => {
      if (message.message_type === "system") {
        before = null;
        return element("li", { className: "system", textContent: systemText(message.content) });
      }
      const first = before !== message.sender_id;
      before = message.sender_id;
      const item = element("li", { className: first ? "first" : "" });
      if (first) {
        const at = new Date(message.sent_at);
        const time = element("time", { textContent: at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) });
        item.append(element("div", { className: "who" }, state.names.get(message.sender_id)?.display_name ?? message.sender_id, time));
      }
      const content = element("div");
      // The server has cleaned it: only its short list of tags is ever stored.
      content.setHTMLUnsafe ? content.setHTMLUnsafe(message.content) : (content.innerHTML = message.content);
      item.append(content);
      return item;
    }),
  );
  $("messages").scrollTop = $("messages").scrollHeight;
}

function received(event) {
  const inOpen = event.dialog_id === state.open;
  if (event.type === "message.new" && inOpen && !state.messages.some((message) => message.id === event.id)) {
    state.messages.push(event.payload.message);
    drawChat();
    loadDialogs().then(markRead);
  } else if (event.type === "message.edited" && inOpen) {
    state.messages = state.messages.map((message) => (message.id === event.id ? event.payload.message : message));
    drawChat();
  } else if (event.type === "message.deleted" && inOpen) {
    state.messages = state.messages.filter((message) => message.id !== event.id);
    drawChat();
  } else if (event.dialog_id && event.type !== "message.read" && event.type !== "typing") {
    loadDialogs().then(() => inOpen && open(state.open));
  }
}

let socket;
function connect() {
  socket?.close();
  const mine = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${api}/ws?user_id=${encodeURIComponent(me.value)}`);
  socket = mine;
  mine.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (event.type !== "connected") return received(event);
    status("online", "Connected");
    loadDialogs();
  };
  mine.onclose = () => {
    if (socket !== mine) return;
    status("offline", "Reconnecting…");
    setTimeout(connect, 2000);
  };
}

function status(name, words) {
  $("status").dataset.state = name;
  $("status").textContent = words;
}

function escaped(plain) {
  return element("p", { textContent: plain }).outerHTML;
}

async function send() {
  const words = $("text").value.trim();
  if (!words || !state.open) return;
  $("text").value = "";
  const content = words.split("\n").map(escaped).join("");
  try {
    await call("POST", `/dialogs/${state.open}/messages`, { content, client_message_id: crypto.randomUUID() });
  } catch (error) {
    $("text").value = words;
    status("offline", error.message);
  }
}

$("composer").onsubmit = (event) => (event.preventDefault(), send());
$("text").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey) $("composer").requestSubmit(), event.preventDefault();
};
$("join").onsubmit = async (event) => {
  event.preventDefault();
  const { textContent, dataset } = me.selectedOptions[0];
  await call("POST", `/dialogs/${state.open}/join`, { display_name: textContent.split(" — ")[0], company: dataset.company });
  await loadDialogs();
  await open(state.open);
};
me.onchange = () => {
  state.open = null;
  connect();
};
addEventListener("focus", markRead);
connect();
