/** What people in the playground say. */
interface Words {
  people: [name: string, company: string][]
  titles: string[]
  lines: string[]
  longLine: string
  rich: string
  mention: string
  system: object
}

const mentionOf = (id: string, name: string) =>
  `<span class="mtchat-mention" data-type="mention" data-id="${id}" data-label="${name}">@${name}</span>`

export const WORDS: Record<string, Words> = {
  en: {
    people: [
      ['Anna Berg', 'Northline Freight'],
      ['Boris Hald', 'Hald AB'],
      ['Vera Ostrom', 'Ostrom Carriers'],
      ['Lu Wei', 'Orrin Ltd'],
      ['Ines Kahn', 'Hald AB'],
    ],
    titles: [
      'Shipment 2071, Oslo to Gdansk',
      'Spring tender',
      'Order 118',
      'Returns from the eastern warehouse, all carriers and both depots',
      'Lot 7',
      'Customs papers',
      'Claim 3302',
      'Pallets',
      'Night shift',
      'Invoice 9',
      'Route B',
      'Damaged goods',
      'Old order',
      'Very old order',
    ],
    lines: [
      'Morning. The truck is loaded and leaves at nine.',
      'Driver: Jonas, +47 000 12.',
      'Thank you, that works for us.',
      'Here is how the dock looks right now.',
      'Please use gate 4, gate 2 is closed until noon.',
      'I told the guard.',
      'Gate 4 it is. The queue is short.',
      'Arrived. Unloading takes about forty minutes.',
      'Great, tell me when the papers are signed.',
    ],
    longLine:
      'One more thing about the slot: the terminal moved us from 09:00 to 11:30 because of the storm, so the driver has two more hours and should not hurry. If he is early, there is parking behind hall C with showers and coffee.',
    rich: '<p>What we need before Friday:</p><ul class="mtchat-bullet-list"><li><p>signed <strong>CMR</strong>, both copies</p></li><li><p>weight of each pallet, see <a href="https://host.example/weights">the table</a></p></li><li><p>reference <code>SHP-2071/b</code></p></li></ul><blockquote><p>No papers, no unloading.</p></blockquote>',
    mention: `${mentionOf('u-vera', 'Vera Ostrom')} can you confirm?`,
    system: {
      event: 'chat_created',
      participants: [
        { name: 'Boris Hald', company: 'Hald AB' },
        { name: 'Anna Berg', company: 'Northline Freight' },
      ],
    },
  },
  ru: {
    people: [
      ['Анна Берг', 'Северные перевозки'],
      ['Борис Хальд', 'ООО «Хальд»'],
      ['Вера Остроухова', 'Остров Логистик'],
      ['Лу Вэй', 'Оррин'],
      ['Инесса Кан', 'ООО «Хальд»'],
    ],
    titles: [
      'Перевозка 2071, Осло — Гданьск',
      'Весенний тендер',
      'Заказ 118',
      'Возвраты с восточного склада, все перевозчики и оба депо',
      'Лот 7',
      'Таможенные документы',
      'Претензия 3302',
      'Паллеты',
      'Ночная смена',
      'Счёт 9',
      'Маршрут Б',
      'Повреждённый груз',
      'Старый заказ',
      'Очень старый заказ',
    ],
    lines: [
      'Доброе утро. Машина загружена, выезжает в девять.',
      'Водитель: Йонас, +47 000 12.',
      'Спасибо, нам подходит.',
      'Вот как сейчас выглядит рампа.',
      'Пожалуйста, через ворота 4: вторые закрыты до полудня.',
      'Охрану предупредила.',
      'Хорошо, ворота 4. Очередь небольшая.',
      'Прибыли. Разгрузка займёт минут сорок.',
      'Отлично, напишите, когда подпишут документы.',
    ],
    longLine:
      'И ещё про окно: терминал перенёс нас с 09:00 на 11:30 из-за шторма, так что у водителя есть ещё два часа, спешить не нужно. Если приедет раньше, за залом В есть стоянка с душем и кофе.',
    rich: '<p>Что нужно до пятницы:</p><ul class="mtchat-bullet-list"><li><p>подписанная <strong>CMR</strong>, оба экземпляра</p></li><li><p>вес каждой паллеты, см. <a href="https://host.example/weights">таблицу</a></p></li><li><p>номер <code>SHP-2071/b</code></p></li></ul><blockquote><p>Нет документов — нет разгрузки.</p></blockquote>',
    mention: `${mentionOf('u-vera', 'Вера Остроухова')} подтвердите, пожалуйста.`,
    system: {
      event: 'chat_created',
      participants: [{ name: 'Борис Хальд', company: 'ООО «Хальд»' }, { name: 'Анна Берг' }],
    },
  },
  zh: {
    people: [
      ['安娜', '北线货运'],
      ['鲍里斯', '哈尔德公司'],
      ['薇拉', '东岛物流'],
      ['陆伟', '欧林有限公司'],
      ['伊内斯', '哈尔德公司'],
    ],
    titles: [
      '2071 号运单：奥斯陆至格但斯克',
      '春季招标',
      '订单 118',
      '东部仓库退货，所有承运商以及两个站点的全部货物',
      '第 7 批',
      '报关文件',
      '索赔 3302',
      '托盘',
      '夜班',
      '发票 9',
      '路线 B',
      '破损货物',
      '旧订单',
      '更旧的订单',
    ],
    lines: [
      '早上好，货车已装好，九点出发。',
      '司机：约纳斯，+47 000 12。',
      '谢谢，没问题。',
      '这是现在的装卸台。',
      '请走 4 号门，2 号门中午前关闭。',
      '我已经通知保安了。',
      '好的，4 号门。排队的车不多。',
      '已到达，卸货大约需要四十分钟。',
      '很好，文件签好后告诉我。',
    ],
    longLine:
      '关于时间再补充一点：由于风暴，码头把我们的时间从 09:00 改到了 11:30，司机多出两个小时，不必着急。如果提前到达，C 厅后面有停车场，可以洗澡和喝咖啡。',
    rich: '<p>周五之前需要：</p><ul class="mtchat-bullet-list"><li><p>已签署的 <strong>CMR</strong>，一式两份</p></li><li><p>每个托盘的重量，见<a href="https://host.example/weights">表格</a></p></li><li><p>编号 <code>SHP-2071/b</code></p></li></ul><blockquote><p>没有文件就不能卸货。</p></blockquote>',
    mention: `${mentionOf('u-vera', '薇拉')} 请确认一下。`,
    system: { event: 'chat_created', participants: [{ name: '鲍里斯', company: '哈尔德公司' }, { name: '安娜' }] },
  },
}
