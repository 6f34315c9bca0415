// Sends files one by one with their progress, dropped or chosen. Each answer stands beside its file; when all
// are taken, the page goes on to the confirmation. Without a script the form sends all files at once.
import { announce, claim, csrfToken, make } from "./dom.js";

export function enhance(root) {
  for (const form of claim(root, "form[data-upload]", "Upload")) new Upload(form);
}

class Upload {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("[data-upload-input]");
    this.zone = form.querySelector("[data-upload-zone]");
    this.list = form.querySelector("[data-upload-list]");
    this.status = form.querySelector("[data-upload-status]");
    this.button = form.querySelector("[data-upload-button]");
    this.onward = form.querySelector("[data-upload-continue]");
    this.isSending = false;
    form.querySelector("[data-upload-hint]").hidden = false;
    form.addEventListener("submit", (event) => {
      if (!this.input.files.length) return; // the server says that nothing was chosen
      event.preventDefault();
      this.send([...this.input.files]);
    });
    for (const name of ["dragenter", "dragover"]) this.zone.addEventListener(name, (event) => this.over(event));
    for (const name of ["dragleave", "drop"]) this.zone.addEventListener(name, () => this.zone.classList.remove("is-over"));
    this.zone.addEventListener("drop", (event) => {
      event.preventDefault();
      this.send([...event.dataTransfer.files]);
    });
    window.addEventListener("beforeunload", (event) => { if (this.isSending) event.preventDefault(); });
  }

  over(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    this.zone.classList.add("is-over");
  }

  async send(files) {
    if (this.isSending || !files.length) return;
    const most = Number(this.form.dataset.uploadMaxFiles);
    if (files.length > most) return this.refuseAll(most);
    this.isSending = true;
    this.button.disabled = true;
    this.list.hidden = false;
    this.list.replaceChildren();
    let accepted = 0;
    const rows = files.map((file) => new Row(file, this.list));
    for (const [place, row] of rows.entries()) {
      announce(this.status, `${files.length}件のうち${place + 1}件目を送っています。`);
      accepted += await this.sendOne(row) ? 1 : 0;
    }
    this.isSending = false;
    this.button.disabled = false;
    this.input.value = "";
    if (accepted === files.length) return location.assign(this.form.dataset.uploadNext);
    this.onward.hidden = !accepted;
    announce(this.status, `${accepted}件を受け取りました。${files.length - accepted}件は登録できません。理由を確かめてください。`);
  }

  refuseAll(most) {
    this.list.hidden = false;
    const message = `一度に送れるのは${most}個までです。分けて選んでください。`;
    this.list.replaceChildren(make("li", { class: "is-refused" }, message));
    announce(this.status, message);
  }

  async sendOne(row) {
    const limit = Number(this.form.dataset.uploadMaxBytes);
    if (row.file.size > limit) return row.refuse(`ファイルが大きすぎます。${Math.floor(limit / 1024 ** 2)}MBまでです。`);
    try {
      const { refused } = await this.request(row);
      return refused.length ? row.refuse(refused[0].message) : row.accept();
    } catch {
      return row.refuse("送れませんでした。通信を確かめて、もう一度お試しください。");
    }
  }

  request(row) {
    const body = new FormData();
    body.append(this.input.name, row.file);
    const request = new XMLHttpRequest();
    request.open("POST", this.form.action || location.href);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", csrfToken(this.form));
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) row.progress(event.loaded / event.total);
    });
    return new Promise((resolve, reject) => {
      request.addEventListener("error", reject);
      request.addEventListener("load", () => {
        try {
          if (request.status !== 200) throw new Error(`upload: ${request.status}`);
          resolve(JSON.parse(request.responseText));
        } catch (error) {
          reject(error);
        }
      });
      request.send(body);
    });
  }
}

class Row {
  constructor(file, list) {
    this.file = file;
    this.bar = make("progress", { max: "1", value: "0", "aria-label": `${file.name}の送信` });
    this.note = make("span", {}, "待っています");
    this.element = make("li", {}, file.name, "：", this.note, this.bar);
    list.append(this.element);
  }

  progress(part) {
    this.bar.value = part;
    this.note.textContent = part < 1 ? `${Math.round(part * 100)}%` : "確認しています…";
  }

  accept() {
    this.finish("受け取りました", "is-accepted");
    return true;
  }

  refuse(message) {
    this.finish(message, "is-refused");
    return false;
  }

  finish(message, name) {
    this.bar.remove();
    this.note.textContent = message;
    this.note.className = name;
  }
}
